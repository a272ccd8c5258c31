package modelpatch.remedy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.guide.Chain;
import modelpatch.guide.Guided;
import modelpatch.guide.GuidedModel;
import modelpatch.model.AnswerModel;
import modelpatch.model.TokenIds;
import modelpatch.repair.Contest;
import modelpatch.repair.Remedy;
import modelpatch.repair.Repair;

/**
 * A guided target whose answer to a composition may come by way of the bridge: where the second sentence is the last hop asked of what the first
 * says, its end is the answer; otherwise the first sentence is. No gold answer is looked at.
 */
public record GuidedChain(AnswerModel answers, Footprint footprint) implements Remedy {
    /**
     * Reads a guided target.
     *
     * @param guided stays the caller's
     * @param asked the composition that a whole sequence of ids asks, prefix included; empty for any other text
     */
    public static GuidedChain of(Guided guided, Function<int[], Optional<Query>> asked) {
        return new GuidedChain(new Read(guided.answers(), asked), guided.footprint());
    }

    /**
     * A guider that is open already.
     *
     * @param seconds of the processor's time that it took to open it
     */
    static Contender contender(String name, Repair.Task task, Contest contest, Guided guided, double seconds) {
        return new Contender(
                name,
                "what the guider was taught",
                Compare.WHILE_ASKED,
                seconds,
                () -> {
                    KnownPrompts known = new KnownPrompts(
                            task.model().model(), task.questions().deciding(), contest.suite());
                    return of(guided, known::asked);
                },
                () -> "training the guider not counted");
    }

    @Override
    public String name() {
        return "guided-chain";
    }

    @Override
    public void close() {}

    private static final class Read extends Beside {
        private final GuidedModel guided;
        private final Function<int[], Optional<Query>> asked;

        Read(GuidedModel guided, Function<int[], Optional<Query>> asked) {
            super(guided);
            this.guided = guided;
            this.asked = asked;
        }

        @Override
        public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
            List<Optional<Query>> queries = prompts.stream()
                    .map(prompt -> asked.apply(TokenIds.joined(prefix, prompt)))
                    .toList();
            // what is stopped depends on what has been written alone, so that all prompts can be gone on with together
            List<int[]> written =
                    guided.generate(prefix, prompts, maxNewTokens, ids -> isEnd(ids) || Chain.finished(text(ids)));
            List<int[]> answers = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                int[] ids = written.get(i);
                answers.add(queries.get(i)
                        .filter(query -> Chain.isChain(text(ids), query))
                        .map(query -> said(Chain.answer(text(ids), query), query))
                        .orElseGet(() -> upTo(stop, ids)));
            }
            return answers;
        }

        private boolean isEnd(int[] ids) {
            return guided.endTokens().contains(ids[ids.length - 1]);
        }

        private String text(int[] ids) {
            int end = 0;
            while (end < ids.length && !guided.endTokens().contains(ids[end])) {
                end++;
            }
            return tokenizer().decode(Arrays.copyOf(ids, end));
        }

        /** An answer as it stands behind a prompt. */
        private int[] said(String answer, Query query) {
            return tokenizer().encodeContinuation(" " + answer + (query.form() == Form.CLOZE ? "." : ""));
        }

        private static int[] upTo(Predicate<int[]> stop, int[] ids) {
            for (int length = 1; length < ids.length; length++) {
                int[] beginning = Arrays.copyOf(ids, length);
                if (stop.test(beginning)) {
                    return beginning;
                }
            }
            return ids;
        }

        @Override
        public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
            return guided.logProbabilities(prefix, prompts, continuations);
        }

        @Override
        public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
            return guided.nextLogits(prefix, prompts);
        }
    }
}
