package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import modelpatch.model.AnswerModel;
import modelpatch.model.NextToken;
import modelpatch.model.TokenIds;

/**
 * All answers that a model may give within the rounding of its arithmetic. Two runs of one model (other threads, another batch, another
 * machine) may round otherwise; where two tokens are that close, greedy decoding can go either way, and both ways are followed here.
 *
 * <p>What is derived, not guessed: a logit of the engine is within e of the exact one, e = max(1e-4, 5e-6 max|logit|), which is what the
 * engine promises and its tests hold against float64 references. The difference of two logits is then within 2e of the exact difference, and
 * the differences of two runs are within 4e of each other. So a token that one run prefers by more than 4e is preferred by every run, and only
 * tokens that stand within {@link #decisive} of the likeliest one are alternatives.
 */
public final class RoundingTies {
    private static final double ABSOLUTE = 1e-4;
    private static final double RELATIVE = 5e-6;

    /** More ways than these are not followed: the answer then counts as undecided. */
    private static final int MOST_WAYS = 32;

    /** Questions that are followed together: their logits are in memory at one time. */
    private static final int SIDE_BY_SIDE = 32;

    private final AnswerModel model;
    private final Protocol protocol;
    private final PromptEncoder encoder;
    private final GreedyReader reader;
    private final double factor;

    /**
     * Looks at one model under one protocol.
     *
     * @param protocol of kind {@link Protocol.Kind#GENERATED}
     * @param factor multiplies the margin; 1 is the derived one
     */
    public RoundingTies(AnswerModel model, Protocol protocol, double factor) {
        this.model = model;
        this.protocol = protocol;
        this.encoder = new PromptEncoder(model, protocol.frame());
        this.reader = new GreedyReader(model, protocol);
        this.factor = factor;
    }

    /**
     * What became of one question.
     *
     * @param margin the least lead of a chosen token along the likeliest answer, as a multiple of the decisive lead; at most 1 means a tie
     * @param answers what may be said, the likeliest first
     * @param right whether some of them is right
     * @param wrong whether some of them is not, or could not be followed to its end
     */
    public record Ways(double margin, List<String> answers, boolean right, boolean wrong) {
        public Ways {
            answers = List.copyOf(answers);
        }

        /** Whether rounding decides if the answer is right. */
        boolean undecided() {
            return right && wrong;
        }
    }

    /** A lead that no other rounding can turn, for logits like these [d_vocab]. */
    static double decisive(float[] logits) {
        double largest = 0;
        for (float logit : logits) {
            largest = Math.max(largest, Math.abs(logit));
        }
        return 4 * Math.max(ABSOLUTE, RELATIVE * largest);
    }

    /** Follows every way that the answer to one question may take. */
    Ways of(Question question) {
        return of(List.of(question)).get(0);
    }

    /** Follows every way that the answers to some questions may take, a few questions side by side. */
    public List<Ways> of(List<Question> questions) {
        List<Ways> ways = new ArrayList<>();
        for (int from = 0; from < questions.size(); from += SIDE_BY_SIDE) {
            ways.addAll(together(questions.subList(from, Math.min(questions.size(), from + SIDE_BY_SIDE))));
        }
        return List.copyOf(ways);
    }

    private List<Ways> together(List<Question> questions) {
        List<int[]> prompts = questions.stream()
                .map(question -> encoder.encode(question.prompt(), protocol.maxNewTokens()))
                .toList();
        int[] prefix = encoder.shared(prompts);
        List<int[]> own = PromptEncoder.without(prefix, prompts);
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            paths.add(new Path(questions.get(i), own.get(i)));
        }
        List<Path> going = paths;
        for (int step = 0; step < protocol.maxNewTokens() && !going.isEmpty(); step++) {
            List<int[]> sequences = new ArrayList<>();
            going.forEach(path -> path.open.forEach(ids -> sequences.add(TokenIds.joined(path.prompt, ids))));
            List<float[]> logits = model.nextLogits(prefix, sequences);
            int first = 0;
            for (Path path : going) {
                int count = path.open.size();
                path.step(logits.subList(first, first + count));
                first += count;
            }
            going = going.stream().filter(path -> !path.open.isEmpty()).toList();
        }
        return paths.stream().map(Path::ways).toList();
    }

    /** The ways of one question, as far as they were followed. */
    private final class Path {
        private final Question question;
        private final int[] prompt;
        private final boolean atSentenceEnd;
        private final List<int[]> finished = new ArrayList<>();
        private List<int[]> open = List.of(new int[0]);
        private double margin = Double.POSITIVE_INFINITY;
        private boolean likeliestIsOpen = true;
        private boolean cut;

        Path(Question question, int[] prompt) {
            this.question = question;
            this.prompt = prompt;
            this.atSentenceEnd = question.answers().stream().noneMatch(AnswerMatch::holdsSentenceEnd);
        }

        /** Goes one token further. {@code logits} [open][d_vocab]; the likeliest continuation stands first while it is open. */
        void step(List<float[]> logits) {
            List<int[]> going = new ArrayList<>();
            boolean likeliest = likeliestIsOpen;
            for (int i = 0; i < open.size(); i++) {
                float[] row = logits.get(i);
                double limit = factor * decisive(row);
                int top = NextToken.argmax(row);
                if (i == 0 && likeliest) {
                    margin = Math.min(margin, (row[top] - second(row, top)) / limit);
                }
                for (int token : within(row, top, limit)) {
                    int[] ids = TokenIds.joined(open.get(i), token);
                    boolean ends = reader.finished(ids, atSentenceEnd);
                    (ends ? finished : going).add(ids);
                    likeliestIsOpen &= !(ends && i == 0 && token == top);
                }
            }
            cut = finished.size() + going.size() > MOST_WAYS;
            open = cut ? List.of() : going;
        }

        Ways ways() {
            List<int[]> all = new ArrayList<>(finished);
            all.addAll(open);
            Set<String> answers = new LinkedHashSet<>();
            boolean right = cut;
            boolean wrong = cut;
            for (int[] ids : all) {
                String text = reader.text(ids);
                answers.add(AnswerMatch.answer(text));
                boolean matches = AnswerMatch.judge(text, question.answers()).right();
                right |= matches;
                wrong |= !matches;
            }
            return new Ways(margin, List.copyOf(answers), right, wrong);
        }
    }

    /** The tokens within a limit of the likeliest one, which comes first. */
    private static List<Integer> within(float[] logits, int top, double limit) {
        List<Integer> tokens = new ArrayList<>(List.of(top));
        for (int token = 0; token < logits.length; token++) {
            if (token != top && (double) logits[top] - logits[token] <= limit) {
                tokens.add(token);
            }
        }
        return tokens;
    }

    private static double second(float[] logits, int top) {
        double best = Double.NEGATIVE_INFINITY;
        for (int token = 0; token < logits.length; token++) {
            best = token == top ? best : Math.max(best, logits[token]);
        }
        return best;
    }
}
