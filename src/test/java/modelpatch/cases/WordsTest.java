package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void aNameIsReadAtWordBoundariesOnly() {
        assertThat(Mentions.readable("Paris", "The mayor of Paris is")).isTrue();
        assertThat(Mentions.readable("Paris", "Paris")).isTrue();
        assertThat(Mentions.readable("Paris", "Paris-based and proud")).isTrue();
        assertThat(Mentions.readable("Paris", "The Parisian mayor")).isFalse();
        assertThat(Mentions.readable("Paris", "Comparis and Paris2")).isFalse();
        assertThat(Mentions.readable("Zürich", "in zürich, where")).isTrue();
        assertThat(Mentions.readable("", "anything")).isFalse();
        assertThat(Mentions.indexOf("an", "can an ant", 0)).isEqualTo(4);
        assertThat(Mentions.indexOf("an", "an an", 1)).isEqualTo(3);
    }

    @Test
    void shortNamesInCapitalsAreReadAsSpelledOnly() {
        assertThat(Mentions.readable("US", "tell us more")).isFalse();
        assertThat(Mentions.readable("US", "the US team")).isTrue();
        assertThat(Mentions.readable("U.S.", "the U.S. team")).isTrue();
        assertThat(Mentions.readable("Iran", "IRAN")).isTrue();
    }

    @Test
    void aPhraseThatOpensASentenceIsCapitalisedUnlessItSpellsItselfOtherwise() {
        Template template = new Template("t", Form.CLOZE, TemplateSplit.EDIT, "{} comes from");
        assertThat(template.fill("jazz").text()).isEqualTo("Jazz comes from");
        assertThat(template.fill("the author of Misery").text()).isEqualTo("The author of Misery comes from");
        assertThat(template.fill("élan").text()).isEqualTo("Élan comes from");
        assertThat(template.fill("tvOS").text()).isEqualTo("tvOS comes from");
        assertThat(template.fill("jazz").phraseEnd()).isEqualTo(4);
    }

    @Test
    void aPhraseWithBracesIsFilledInAsItStands() {
        Template template = new Template("t", Form.CLOZE, TemplateSplit.EDIT, "The author of {} is");
        assertThat(template.fill("a {} b").text()).isEqualTo("The author of a {} b is");
    }

    @Test
    void aTemplateHasExactlyOneSlot() {
        for (String text : List.of("no slot", "{} and {}")) {
            assertThatThrownBy(() -> new Template("t", Form.CLOZE, TemplateSplit.EDIT, text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void slugsAreLowerCaseWithoutAccents() {
        assertThat(Words.slug("Shinzō Abe")).isEqualTo("shinzo-abe");
        assertThat(Words.slug("Washington, D.C.")).isEqualTo("washington-d-c");
        assertThat(Words.slug("東京")).isEqualTo("東京");
        assertThat(Words.slugs(List.of("?", "!")).values())
                .doesNotHaveDuplicates()
                .allMatch(slug -> slug.startsWith("~"));
    }
}
