package modelpatch.cases;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One prompt that asks for an answer.
 *
 * @param text the sentence or question with its slot filled
 * @param phraseEnd index in {@code text}, in UTF-16 units, one past the last character of what fills the slot: the entity by name, or in
 *     a composition the whole phrase of the hops before the last
 * @param template what was filled
 */
public record Query(String text, int phraseEnd, Template template) {
    /** @throws IllegalArgumentException when the end of the phrase lies outside the text */
    public Query {
        Objects.requireNonNull(template, "template");
        if (phraseEnd < 1 || phraseEnd > text.length()) {
            throw new IllegalArgumentException("phrase end " + phraseEnd + " outside of: " + text);
        }
    }

    /** The first prompt of a form: the one that decides. */
    public static Optional<Query> first(List<Query> queries, Form form) {
        return queries.stream().filter(query -> query.form() == form).findFirst();
    }

    public Form form() {
        return template.form();
    }

    public TemplateSplit split() {
        return template.split();
    }

    /** What a model reads: a cloze as it stands, a question as {@code Q: ...\nA:}. The answer follows after a space. */
    public String prompt() {
        return form().before() + text + form().after();
    }

    /** Where the phrase begins, as an index into {@link #prompt()}. */
    public int promptPhraseStart() {
        return form().before().length() + template.text().indexOf(Template.SLOT);
    }

    /** The end of the phrase as an index into {@link #prompt()}. */
    public int promptPhraseEnd() {
        return form().before().length() + phraseEnd;
    }
}
