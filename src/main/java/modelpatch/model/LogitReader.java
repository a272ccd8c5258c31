package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.architecture.ModelConfig;
import modelpatch.engine.Device;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** Reads rows of the residual stream as logits, part by part: a large vocabulary times many rows would fill memory. */
final class LogitReader {
    /** Logits that are there at a time in one worker: 8 MB, on a GPU more. */
    private static final int MOST_LOGITS = 1 << 21;

    private final Decoder decoder;
    private final ModelConfig config;
    private final int mostRows;

    LogitReader(Decoder decoder, ModelConfig config) {
        this.decoder = decoder;
        this.config = config;
        this.mostRows = Math.max(1, MOST_LOGITS * Device.room() / config.dVocab());
    }

    /** See {@link LanguageModel#lens(List, int[][], boolean)}. */
    LensReading lens(List<float[]> residuals, int[][] tokens, boolean normed) {
        int rows = residuals.size();
        double[][] chosen = new double[rows][];
        double[] sums = new double[rows];
        int[][] ranks = new int[rows][];
        int[] top = new int[rows];
        List<Runnable> pieces = new ArrayList<>();
        for (int from = 0; from < rows; from += mostRows) {
            int first = from;
            int count = Math.min(rows - from, mostRows);
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    Tensor x = Engine.floats(residuals.subList(first, first + count));
                    LensReading part = lens(
                            normed ? decoder.unembed(x) : decoder.project(x),
                            Arrays.copyOfRange(tokens, first, first + count));
                    System.arraycopy(part.logits(), 0, chosen, first, count);
                    System.arraycopy(part.logSumExp(), 0, sums, first, count);
                    System.arraycopy(part.ranks(), 0, ranks, first, count);
                    System.arraycopy(part.top(), 0, top, first, count);
                }
            });
        }
        Engine.sideBySide(pieces);
        return new LensReading(chosen, sums, ranks, top);
    }

    private LensReading lens(Tensor logits, int[][] tokens) {
        double[][] chosen = chosen(logits, tokens);
        double[] sums = FiniteLogits.require(Engine.run("log_sum_exp", logits).toDoubles());
        long[] top = Engine.run("argmax", logits).toLongs();
        int[][] ranks = new int[tokens.length][tokens[0].length];
        if (tokens[0].length > 0) {
            long[] greater = Engine.run("greater", logits, ids(tokens)).toLongs();
            for (int row = 0; row < tokens.length; row++) {
                for (int i = 0; i < tokens[row].length; i++) {
                    ranks[row][i] = 1 + (int) greater[row * tokens[row].length + i];
                }
            }
        }
        return new LensReading(
                chosen,
                sums,
                ranks,
                Arrays.stream(top).mapToInt(Math::toIntExact).toArray());
    }

    /**
     * Readouts of rows after the last block, normed as the model does. The whole vocabulary is gone through slice by slice: many rows meet each
     * part of W_U once, and their logits are never all there. Where it is not wanted, only the rows of W_U of the wanted tokens are read.
     *
     * @param residual [rows, d_model]
     * @param tokens [rows][tokens]
     * @param whole whether the whole vocabulary is summed
     */
    List<Readout> readouts(Tensor residual, int[][] tokens, boolean whole) {
        if (!whole) {
            return chosenAlone(residual, tokens);
        }
        int rows = tokens.length;
        double[][] chosen = new double[rows][tokens[0].length];
        double[] sums = new double[rows];
        Arrays.fill(sums, Double.NEGATIVE_INFINITY);
        double[] greatest = sums.clone();
        Tensor x = decoder.finalNorm(residual);
        Tensor ids = ids(tokens);
        int width = Math.max(1, MOST_LOGITS * Device.room() / rows);
        for (int from = 0; from < config.dVocab(); from += width) {
            int count = Math.min(width, config.dVocab() - from);
            try (Engine.Scope scope = Engine.scope()) {
                Tensor logits = decoder.project(x, from, count);
                addChosen(Engine.run("gathered_from", logits, ids, (long) from).toFloats(), chosen);
                addSums(FiniteLogits.require(Engine.run("log_sum_exp", logits).toDoubles()), sums);
                float[] most = Engine.run("greatest", logits).toFloats();
                for (int row = 0; row < rows; row++) {
                    greatest[row] = Math.max(greatest[row], most[row]);
                }
            }
        }
        List<Readout> readouts = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            FiniteLogits.require(chosen[row]);
            readouts.add(new Readout(chosen[row], sums[row], greatest[row]));
        }
        return readouts;
    }

    private List<Readout> chosenAlone(Tensor residual, int[][] tokens) {
        int[] different = Arrays.stream(tokens)
                .flatMapToInt(Arrays::stream)
                .sorted()
                .distinct()
                .toArray();
        config.requireIds(different);
        float[][] logits =
                decoder.project(decoder.finalNorm(residual), different).toRows();
        List<Readout> readouts = new ArrayList<>();
        for (int row = 0; row < tokens.length; row++) {
            float[] of = logits[row];
            double[] chosen = Arrays.stream(tokens[row])
                    .mapToDouble(token -> of[Arrays.binarySearch(different, token)])
                    .toArray();
            FiniteLogits.require(chosen);
            readouts.add(new Readout(chosen, Double.NaN));
        }
        return readouts;
    }

    /** Adds a slice's logits, which are 0 for the tokens of other slices. */
    private static void addChosen(float[] slice, double[][] chosen) {
        int columns = chosen[0].length;
        for (int i = 0; i < slice.length; i++) {
            chosen[i / columns][i % columns] += slice[i];
        }
    }

    /** log(exp(a) + exp(b)), the greater one first. */
    private static void addSums(double[] slice, double[] sums) {
        for (int row = 0; row < sums.length; row++) {
            double greater = Math.max(sums[row], slice[row]);
            double less = Math.min(sums[row], slice[row]);
            sums[row] = greater + Math.log1p(Math.exp(less - greater));
        }
    }

    /** Logits of each row's tokens. */
    private double[][] chosen(Tensor logits, int[][] tokens) {
        double[][] chosen = new double[tokens.length][tokens[0].length];
        if (tokens[0].length > 0) {
            float[] values = Engine.run("gathered", logits, ids(tokens)).toFloats();
            for (int row = 0; row < tokens.length; row++) {
                for (int i = 0; i < tokens[row].length; i++) {
                    chosen[row][i] = values[row * tokens[row].length + i];
                }
            }
        }
        return chosen;
    }

    private Tensor ids(int[][] tokens) {
        int[] all = Arrays.stream(tokens).flatMapToInt(Arrays::stream).toArray();
        config.requireIds(all);
        return Engine.ids(all).reshape(tokens.length, tokens[0].length);
    }
}
