package modelpatch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.export.OnnxBatch.Logits;
import modelpatch.export.foreign.OnnxScan;

/**
 * In which ways a file runs a sequence without giving it other logits than alone and at once. What the graph does not say is tried: a few tokens
 * are run in every way and compared, so that no way is ever taken on trust.
 */
final class OnnxAbilities {
    /** Operators that keep a sequence's keys from the first place on, so that there is no padding before them. */
    private static final Set<String> WITHOUT_PADDING =
            Set.of("GroupQueryAttention", "SparseAttention", "PagedAttention", "LinearAttention");

    /** Scales the whole batch's activations together, so that each sequence's numbers depend on the others a little. */
    private static final String SHARED_SCALE = "DynamicQuantizeLinear";

    /** Differences of logits relative to their spread: 16-bit arithmetic stays below, a key too many or a place too far is beyond. */
    private static final double ROUNDING = 0.01;

    /** The same where 8-bit scales are shared. */
    private static final double SHARED_ROUNDING = 0.1;

    /** Tokens that are run: a beginning, a long and a short way on, and single ones behind both. */
    private static final int BEGINNING = 2;

    private static final int LONG = 6;
    private static final int SHORT = 1;
    private static final int SINGLE = 2;

    private final OnnxSession session;
    private final OnnxInterface form;
    private final Set<String> operators;
    private final boolean countsPadding;
    private Optional<Parts> parts = Optional.empty();
    private final Map<Boolean, SideBySide> sideBySide = new HashMap<>();
    private int vocabulary;

    /** @param windowed whether attention may see the last so many places only, which a few tokens cannot show */
    OnnxAbilities(OnnxSession session, OnnxInterface form, OnnxScan scan, boolean windowed) {
        this.session = session;
        this.countsPadding = windowed && !session.producer().equals(OnnxWriter.PRODUCER);
        this.form = form;
        this.operators = scan.operators();
    }

    /** In which parts a sequence may come, behind kept keys and values. */
    enum Parts {
        ANY,
        /** The first part of any length, then one token at a time. */
        SINGLE_TOKENS,
        /** None: everything is run again. */
        WHOLE
    }

    /** Which sequences may run in one batch. */
    enum SideBySide {
        /** Any, filled up with padding that is masked. */
        PADDED,
        EQUAL_LENGTHS,
        ALONE
    }

    /** Tried at the first call. */
    Parts parts() {
        if (parts.isEmpty()) {
            parts = Optional.of(form.caches().isEmpty() ? Parts.WHOLE : tryParts());
        }
        return parts.get();
    }

    /**
     * Tried at the first call.
     *
     * @param behindPrefix whether the sequences go on behind tokens that they share, so that padding lies between these and theirs
     */
    SideBySide sideBySide(boolean behindPrefix) {
        return sideBySide.computeIfAbsent(behindPrefix, this::trySideBySide);
    }

    /** Why sequences do not come in parts; empty where they do. */
    Optional<String> againstParts() {
        if (parts() != Parts.WHOLE) {
            return Optional.empty();
        }
        return Optional.of(
                form.caches().isEmpty()
                        ? "the file has no cache inputs"
                        : "the file gives other logits behind its cache than at once");
    }

    /** Why there is no padding before and between tokens; empty where there may be. */
    Optional<String> againstPadding() {
        if (sideBySide(true) == SideBySide.PADDED) {
            return Optional.empty();
        }
        Optional<String> stated = stated(true);
        if (stated.isPresent()) {
            return stated;
        }
        return Optional.of(
                form.positions().isEmpty()
                        ? "the file takes no position_ids and gives other logits with padding"
                        : "the file gives other logits with padding");
    }

    /** What the file says against padding. */
    private Optional<String> stated(boolean behindPrefix) {
        if (form.oneSequence()) {
            return Optional.of("the file takes one sequence at a time");
        }
        if (form.mask().isEmpty()) {
            return Optional.of("the file takes no attention_mask");
        }
        if (behindPrefix && countsPadding) {
            return Optional.of("the file's sliding windows may count padding between tokens");
        }
        return operators.stream()
                .filter(WITHOUT_PADDING::contains)
                .findFirst()
                .map(operator -> operator + " takes no padding before a token");
    }

    // ---- trying

    private Parts tryParts() {
        int[][] one = {tokens(0, BEGINNING + LONG + SINGLE)};
        if (agrees(0, one, one[0], Parts.ANY)) {
            return Parts.ANY;
        }
        return agrees(0, one, one[0], Parts.SINGLE_TOKENS) ? Parts.SINGLE_TOKENS : Parts.WHOLE;
    }

    private SideBySide trySideBySide(boolean behindPrefix) {
        if (form.oneSequence()) {
            return SideBySide.ALONE;
        }
        if (stated(behindPrefix).isEmpty() && runsBeside(SHORT, behindPrefix)) {
            return SideBySide.PADDED;
        }
        return runsBeside(LONG, behindPrefix) ? SideBySide.EQUAL_LENGTHS : SideBySide.ALONE;
    }

    /** Whether two sequences, of which the second goes on so far where the first goes on long, give what they give alone. */
    private boolean runsBeside(int length, boolean behindPrefix) {
        int[] first = tokens(0, BEGINNING + LONG + SINGLE);
        int[] second = tokens(7, BEGINNING + length + SINGLE);
        int[][] both = {first, filledUp(second, first.length, behindPrefix ? BEGINNING : 0)};
        Parts able = parts() == Parts.ANY && !behindPrefix ? Parts.SINGLE_TOKENS : parts();
        return agrees(0, both, first, able) && agrees(1, both, second, able);
    }

    /** With padding behind so many tokens. */
    private static int[] filledUp(int[] tokens, int length, int beginning) {
        int[] filled = new int[length];
        Arrays.fill(filled, OnnxBatch.NONE);
        int rest = tokens.length - beginning;
        System.arraycopy(tokens, 0, filled, 0, beginning);
        System.arraycopy(tokens, beginning, filled, length - rest, rest);
        return filled;
    }

    /** Some tokens of the vocabulary. */
    private int[] tokens(int from, int count) {
        if (vocabulary == 0) {
            vocabulary = run(0, new int[][] {{0}}, Parts.WHOLE)[0].length;
        }
        return IntStream.range(from, from + count)
                .map(i -> (i * 37 + 5) % vocabulary)
                .toArray();
    }

    /** Whether one of some sequences, run in parts beside the others, gives the logits that its tokens give alone and at once. */
    private boolean agrees(int row, int[][] sequences, int[] alone, Parts parts) {
        float[][] expected = run(0, new int[][] {alone}, Parts.WHOLE);
        float[][] found;
        try {
            found = run(row, sequences, parts);
        } catch (BadInput refused) {
            return false; // ONNX Runtime does not take it so
        }
        int compared = SINGLE + 1;
        return IntStream.rangeClosed(1, compared)
                .allMatch(i -> isNear(expected[expected.length - i], found[found.length - i]));
    }

    private boolean isNear(float[] expected, float[] found) {
        double mean = IntStream.range(0, expected.length)
                .mapToDouble(i -> expected[i])
                .average()
                .orElse(0);
        double spread = 0;
        double off = 0;
        for (int i = 0; i < expected.length; i++) {
            spread += (expected[i] - mean) * (expected[i] - mean);
            off += ((double) found[i] - expected[i]) * ((double) found[i] - expected[i]);
        }
        double rounding = operators.contains(SHARED_SCALE) ? SHARED_ROUNDING : ROUNDING;
        return off <= rounding * rounding * spread;
    }

    /** Logits of one of some sequences at all places. */
    private float[][] run(int row, int[][] sequences, Parts parts) {
        int length = sequences[0].length;
        int[] ends = switch (parts) {
            case WHOLE -> new int[] {length};
            case SINGLE_TOKENS -> new int[] {length - SINGLE, length - 1, length};
            case ANY -> new int[] {BEGINNING, length - SINGLE, length - 1, length};
        };
        List<float[]> rows = new ArrayList<>();
        try (OnnxBatch batch = OnnxBatch.empty(session, form, parts == Parts.WHOLE, sequences.length)) {
            int from = 0;
            for (int to : ends) {
                int first = from;
                Logits logits = batch.append(Stream.of(sequences)
                        .map(tokens -> Arrays.copyOfRange(tokens, first, to))
                        .toArray(int[][]::new));
                IntStream.range(0, to - from).forEach(place -> rows.add(logits.at(row, place)));
                from = to;
            }
        }
        return rows.toArray(float[][]::new);
    }
}
