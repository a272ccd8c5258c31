package modelpatch.remedy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.edit.TinyWorld;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.model.LanguageModel;
import modelpatch.thinking.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Remedies that change what a model reads. */
class AskedOtherwiseTest {
    @TempDir
    Path folder;

    private static Question question(Query query, CompositionalCase one) {
        return Question.of(query, one.answers());
    }

    /** The slow protocol knows the hops of a question; the remedy finds them by the prompt and must come to the same answers. */
    @Test
    void slowAnswersCompositionsAsTheSlowProtocolDoesAndSingleHopsAsTheModelDoes() throws IOException {
        TinyWorld world = TinyWorld.at(folder);
        List<CompositionalCase> cases = world.suite().cases().subList(0, 8);
        try (LanguageModel model = world.open();
                Slow slow = Slow.of(model, TinyWorld.protocol(), world.suite(), Mode.hops("self-ask", 1))) {
            Examiner inSteps = new Examiner(model, TinyWorld.protocol().as(Protocol.Kind.SLOW), 4);
            Examiner remedied = new Examiner(slow.answers(), TinyWorld.protocol(), 4);
            Examiner plain = new Examiner(model, TinyWorld.protocol(), 4);
            List<Question> compositions = cases.stream()
                    .map(one -> question(one.primary(), one)
                            .withHops(one.singleHops().stream()
                                    .map(hop -> hop.get(0))
                                    .toList()))
                    .toList();
            assertThat(remedied.ask(compositions).stream().map(Reply::predicted))
                    .isEqualTo(inSteps.ask(compositions).stream()
                            .map(Reply::predicted)
                            .toList());
            List<Question> hops = cases.stream()
                    .map(one -> question(one.singleHops().get(0).get(0), one))
                    .toList();
            assertThat(remedied.ask(hops).stream().map(Reply::predicted))
                    .isEqualTo(plain.ask(hops).stream().map(Reply::predicted).toList());
        }
    }

    /** Behind what begins every text, before the rest: with and without a prefix kept apart, and at every position. */
    @Test
    void demonstrationsStandOnceBehindTheBeginning() throws IOException {
        int[] beginning = {1};
        int[] shown = {5, 6, 7};
        try (LanguageModel model = TinyWorld.at(folder).open();
                InContext remedy = InContext.of(model, beginning, shown)) {
            float[] expected = model.nextLogits(new int[0], List.of(new int[] {1, 5, 6, 7, 8, 9}))
                    .get(0);
            assertThat(remedy.answers()
                            .nextLogits(new int[] {1, 8}, List.of(new int[] {9}))
                            .get(0))
                    .containsExactly(expected, within(1e-5f));
            assertThat(remedy.answers()
                            .nextLogits(new int[0], List.of(new int[] {1, 8, 9}))
                            .get(0))
                    .containsExactly(expected, within(1e-5f));
            float[][] rows = remedy.answers().allLogits(new int[0], new int[] {1, 8, 9});
            assertThat(rows).hasNumberOfRows(3);
            assertThat(rows[2]).containsExactly(expected, within(1e-5f));
            assertThat(rows[0])
                    .containsExactly(
                            model.nextLogits(new int[0], List.of(beginning)).get(0), within(1e-5f));
        }
    }
}
