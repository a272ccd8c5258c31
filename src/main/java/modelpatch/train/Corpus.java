package modelpatch.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Query;
import modelpatch.cases.Relation;
import modelpatch.tokenizer.Encoding;
import modelpatch.tokenizer.Tokenizer;

/** Everything that is taught: every fact and every taught composition in every template of its last relation. Nothing held out. */
final class Corpus {
    private final Tokenizer tokenizer;
    private final List<List<Lesson>> facts = new ArrayList<>();
    private final List<List<Lesson>> compositions = new ArrayList<>();

    Corpus(World world, Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        for (Fact fact : world.facts().facts()) {
            Relation relation = world.relations().get(fact.relation());
            String name = world.names().inSentence(fact.subject());
            facts.add(relation.templates().stream()
                    .map(template -> lesson(template.fill(name), fact.object(), ""))
                    .toList());
        }
        for (CompositionalCase one : world.taught().cases()) {
            compositions.add(one.compositions().stream()
                    .map(query -> lesson(query, one.answer(), one.bridge()))
                    .toList());
        }
    }

    /** Single facts, [fact][template]. */
    List<List<Lesson>> facts() {
        return facts;
    }

    /** Taught compositions, [composition][template]. */
    List<List<Lesson>> compositions() {
        return compositions;
    }

    private Lesson lesson(Query query, String answer, String bridge) {
        String prompt = query.prompt() + " ";
        Encoding encoding = tokenizer.encodeWithOffsets(prompt + answer + WordTokenizer.STOP);
        // What the tokenizer puts before a text opens a sequence, not every sentence in it.
        int added = encoding.tokenHolding(0).orElseThrow();
        int[] ids = Arrays.copyOfRange(encoding.ids(), added, encoding.length());
        int answerStart = encoding.tokenHolding(prompt.length()).orElseThrow() - added;
        if (bridge.isEmpty()) {
            return new Lesson(ids, answerStart, -1, -1);
        }
        int phraseEnd = encoding.tokenHolding(query.promptPhraseEnd() - 1).orElseThrow() - added;
        int[] name = tokenizer.encodeContinuation(bridge);
        return new Lesson(ids, answerStart, phraseEnd, name[name.length - 1]);
    }
}
