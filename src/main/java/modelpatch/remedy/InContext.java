package modelpatch.remedy;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import modelpatch.model.AnswerModel;
import modelpatch.model.TokenIds;
import modelpatch.repair.Remedy;
import modelpatch.tokenizer.Tokenizer;

/** Demonstrations before everything that a model reads: what a longer prompt would do. */
public final class InContext implements Remedy {
    private final Demonstrated answers;

    private InContext(Demonstrated answers) {
        this.answers = answers;
    }

    /**
     * On a model.
     *
     * @param model stays the caller's
     * @param beginning ids that a tokenizer puts before every text, possibly none
     * @param shown ids of the demonstrations, without them
     */
    public static InContext of(AnswerModel model, int[] beginning, int[] shown) {
        return new InContext(new Demonstrated(model, beginning, shown));
    }

    /** Sentences, a line each. */
    public static InContext of(AnswerModel model, List<String> sentences) {
        String text = String.join("\n", sentences) + "\n";
        int[] whole = model.tokenizer().encode(text);
        int[] alone = model.tokenizer().encodeContinuation(text);
        int begins = Math.max(0, whole.length - alone.length);
        return of(model, Arrays.copyOf(whole, begins), Arrays.copyOfRange(whole, begins, whole.length));
    }

    @Override
    public String name() {
        return "icl";
    }

    @Override
    public AnswerModel answers() {
        return answers;
    }

    @Override
    public Footprint footprint() {
        return new Footprint(Set.of(), (long) Integer.BYTES * answers.shown.length);
    }

    @Override
    public void close() {}

    /** A model that reads demonstrations first. */
    private static final class Demonstrated implements AnswerModel {
        private final AnswerModel model;
        private final int[] beginning;
        private final int[] shown;

        Demonstrated(AnswerModel model, int[] beginning, int[] shown) {
            this.model = model;
            this.beginning = beginning.clone();
            this.shown = shown.clone();
        }

        /** The demonstrations stand behind what begins every text, which the prompts then no longer have. */
        private int[] before(int[] prefix) {
            return TokenIds.joined(TokenIds.joined(beginning, shown), without(prefix));
        }

        private int[] without(int[] ids) {
            boolean begins =
                    ids.length >= beginning.length && Arrays.equals(beginning, Arrays.copyOf(ids, beginning.length));
            return begins ? Arrays.copyOfRange(ids, beginning.length, ids.length) : ids;
        }

        private List<int[]> own(int[] prefix, List<int[]> prompts) {
            return prefix.length > 0
                    ? prompts
                    : prompts.stream().map(this::without).toList();
        }

        @Override
        public Tokenizer tokenizer() {
            return model.tokenizer();
        }

        @Override
        public int contextLength() {
            return model.contextLength() - shown.length;
        }

        @Override
        public Set<Integer> endTokens() {
            return model.endTokens();
        }

        @Override
        public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
            return model.generate(before(prefix), own(prefix, prompts), maxNewTokens, stop);
        }

        @Override
        public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
            return model.logProbabilities(before(prefix), own(prefix, prompts), continuations);
        }

        @Override
        public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
            return model.nextLogits(before(prefix), own(prefix, prompts));
        }

        /** What begins a text has nothing before it: its rows are those of the model alone. */
        @Override
        public float[][] allLogits(int[] prefix, int[] prompt) {
            if (prefix.length > 0 || without(prompt).length == prompt.length) {
                return model.allLogits(before(prefix), prompt);
            }
            int begins = beginning.length;
            float[][] rows = new float[prompt.length][];
            System.arraycopy(model.allLogits(prefix, beginning), 0, rows, 0, begins);
            if (prompt.length > begins) {
                float[][] rest = model.allLogits(before(prefix), without(prompt));
                System.arraycopy(rest, 0, rows, begins, rest.length);
            }
            return rows;
        }
    }
}
