package modelpatch.export;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.LengthClasses;
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

    /** Operators that round activations to integers, with scales of a whole batch or in kernels that depend on its size. */
    private static final Set<String> OF_INTEGERS = Set.of(
            "DynamicQuantizeLinear",
            "DynamicQuantizeMatMul",
            "MatMulBnb4",
            "MatMulInteger",
            "MatMulIntegerToFloat",
            "MatMulNBits",
            "QLinearMatMul",
            "QMoE");

    /**
     * Differences of logits relative to their spread that pass for rounding. Measured on SmolLM2-135M: 8e-6 in float32, 3e-3 with caches of 16 bits,
     * 0.11 with MatMulNBits; 0.5 to 1.3 where padding was not masked, counted among the positions, or the cache lost.
     */
    private static final double ROUNDING = 0.01;

    private static final double INTEGER_ROUNDING = 0.25;

    /** Tokens that are run: a beginning, a long and a short way on, and single ones behind both. */
    private static final int BEGINNING = 2;

    private static final int LONG = 10;
    private static final int SHORT = 1;
    private static final int SINGLE = 2;

    private final OnnxSession session;
    private final OnnxInterface form;
    private final LengthClasses lengthClasses;
    private final Set<String> operators;
    private final boolean countsPadding;
    private Optional<Parts> parts = Optional.empty();
    private final Map<Boolean, SideBySide> sideBySide = new HashMap<>();
    private final Map<List<Integer>, float[][]> alone = new HashMap<>();
    private int vocabulary;

    /** @param windowed whether attention may see the last so many places only, which a few tokens cannot show */
    OnnxAbilities(
            OnnxSession session, OnnxInterface form, OnnxScan scan, boolean windowed, LengthClasses lengthClasses) {
        this.session = session;
        this.countsPadding = windowed && !session.producer().equals(OnnxWriter.PRODUCER);
        this.form = form;
        this.lengthClasses = lengthClasses;
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
        if (agree(one, one, Parts.ANY)) {
            return Parts.ANY;
        }
        return agree(one, one, Parts.SINGLE_TOKENS) ? Parts.SINGLE_TOKENS : Parts.WHOLE;
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
        int[] filled = filledUp(second, first.length, behindPrefix ? BEGINNING : 0);
        Parts able = parts() == Parts.ANY && !behindPrefix ? Parts.SINGLE_TOKENS : parts();
        return agree(new int[][] {first, second}, new int[][] {first, filled}, able);
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
            vocabulary = run(new int[][] {{0}}, Parts.WHOLE)[0][0].length;
        }
        return IntStream.range(from, from + count)
                .map(i -> (i * 37 + 5) % vocabulary)
                .toArray();
    }

    /** Whether sequences, padded and run in parts side by side, give the logits that their tokens give alone and at once. */
    private boolean agree(int[][] tokens, int[][] padded, Parts parts) {
        float[][][] found;
        try {
            found = run(padded, parts);
        } catch (BadInput refused) {
            return false; // ONNX Runtime does not take them so
        }
        return IntStream.range(0, tokens.length).allMatch(i -> agree(alone(tokens[i]), found[i]));
    }

    /** At the places of the last tokens. */
    private boolean agree(float[][] expected, float[][] found) {
        return IntStream.rangeClosed(1, SINGLE + 1)
                .allMatch(i -> isNear(expected[expected.length - i], found[found.length - i]));
    }

    private float[][] alone(int[] tokens) {
        return alone.computeIfAbsent(
                Arrays.stream(tokens).boxed().toList(), unused -> run(new int[][] {tokens}, Parts.WHOLE)[0]);
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
        double rounding = operators.stream().anyMatch(OF_INTEGERS::contains) ? INTEGER_ROUNDING : ROUNDING;
        return off <= rounding * rounding * spread;
    }

    /** Logits of sequences at all places, [B][T][d_vocab]. */
    private float[][][] run(int[][] sequences, Parts parts) {
        int length = sequences[0].length;
        int[] ends = switch (parts) {
            case WHOLE -> new int[] {length};
            case SINGLE_TOKENS -> new int[] {length - SINGLE, length - 1, length};
            case ANY -> new int[] {BEGINNING, length - SINGLE, length - 1, length};
        };
        float[][][] found = new float[sequences.length][length][];
        try (OnnxBatch batch = OnnxBatch.empty(session, form, parts == Parts.WHOLE, lengthClasses, sequences.length)) {
            int from = 0;
            for (int to : ends) {
                int first = from;
                Logits logits = batch.append(Stream.of(sequences)
                        .map(tokens -> Arrays.copyOfRange(tokens, first, to))
                        .toArray(int[][]::new));
                for (int i = 0; i < found.length; i++) {
                    for (int place = from; place < to; place++) {
                        found[i][place] = logits.at(i, place - from);
                    }
                }
                from = to;
            }
        }
        return found;
    }
}
