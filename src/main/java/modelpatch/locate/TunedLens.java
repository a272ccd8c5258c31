package modelpatch.locate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.Sha256;
import modelpatch.model.LanguageModel;

/**
 * Translators from the residual stream after each block to what the model says in the end (Belrose et al. 2023): h + h M + b, then the final norm
 * and the unembedding. Rows after the last block are read as they are. It fits every model with the same final norm and unembedding, patched
 * ones too.
 *
 * @param matrices by block but the last, [d_model (in), d_model (out)], row-major
 * @param biases by block but the last, [d_model]
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TunedLens(List<float[]> matrices, List<float[]> biases) {
    private static final String FORMAT = "modelpatch tuned lens 1";
    private static final String UNEMBEDDING = "unembedding";

    public TunedLens {
        matrices = List.copyOf(matrices);
        biases = List.copyOf(biases);
    }

    /** A row after a block as the unembedding reads it, [d_model]; a copy, but for the last block's. */
    public float[] translated(int layer, float[] row) {
        if (layer == matrices.size()) {
            return row;
        }
        float[] matrix = matrices.get(layer);
        double[] sums = new double[row.length];
        for (int in = 0; in < row.length; in++) {
            for (int out = 0; out < row.length; out++) {
                sums[out] += (double) row[in] * matrix[in * row.length + out];
            }
        }
        float[] translated = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            translated[i] = (float) (row[i] + sums[i] + biases.get(layer)[i]);
        }
        return translated;
    }

    /** Writes a safetensors file, whole or not at all. */
    public void write(Path file, LanguageModel model) {
        List<OutgoingTensor> tensors = new ArrayList<>();
        long width = model.config().dModel();
        for (int layer = 0; layer < matrices.size(); layer++) {
            tensors.add(OutgoingTensor.float32(matrix(layer), List.of(width, width), matrices.get(layer)));
            tensors.add(OutgoingTensor.float32(bias(layer), List.of(width), biases.get(layer)));
        }
        SafetensorsWriter.write(file, Map.of("format", FORMAT, UNEMBEDDING, digest(model)), tensors);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws BadInput where the file is no tuned lens, or that of a model with another final norm or unembedding, or of other depth
     */
    public static TunedLens read(Path file, LanguageModel model) {
        String again = "train one for this model: patch lens --train-tuned FILE";
        try (Checkpoint stored = Checkpoint.open(file)) {
            require(file, "a tuned lens", FORMAT, text(stored, "format"), again);
            require(
                    file,
                    "a tuned lens of another final norm or unembedding",
                    digest(model),
                    text(stored, UNEMBEDDING),
                    again);
            List<float[]> matrices = new ArrayList<>();
            List<float[]> biases = new ArrayList<>();
            long width = model.config().dModel();
            int layers = model.config().nLayers() - 1;
            require(
                    file,
                    "a tuned lens of another depth",
                    2 * layers + " tensors",
                    stored.tensors().size() + " tensors",
                    again);
            for (int layer = 0; layer < layers; layer++) {
                matrices.add(values(stored, matrix(layer), List.of(width, width)));
                biases.add(values(stored, bias(layer), List.of(width)));
            }
            return new TunedLens(matrices, biases);
        }
    }

    private static String text(Checkpoint stored, String key) {
        JsonNode value = stored.metadata().get(key);
        return value == null ? "nothing" : value.asText();
    }

    private static void require(Path file, String what, String expected, String found, String remedy) {
        if (!expected.equals(found)) {
            throw new BadInput(what, file.toString(), expected, found, remedy);
        }
    }

    private static float[] values(Checkpoint stored, String name, List<Long> shape) {
        if (!stored.tensor(name).shape().equals(shape)) {
            throw new BadInput(
                    "a tuned lens of another width",
                    name + " in " + stored.path(),
                    shape.toString(),
                    stored.tensor(name).shape().toString(),
                    "train one for this model");
        }
        return stored.floats(name);
    }

    private static String matrix(int layer) {
        return "translator." + layer + ".weight";
    }

    private static String bias(int layer) {
        return "translator." + layer + ".bias";
    }

    /** SHA-256 of the numbers that every block is read by: of the final norm and the unembedding. */
    private static String digest(LanguageModel model) {
        DecoderLayout layout = model.layout();
        Sha256 sha = new Sha256();
        Stream.of(
                        layout.finalNorm().stream().flatMap(norm -> norm.weights().stream()),
                        layout.finalNorm().stream().flatMap(norm -> norm.bias().stream()),
                        Stream.of(layout.unembedding().linear().weight()),
                        layout.unembedding().linear().bias().stream())
                .flatMap(names -> names)
                .forEach(name -> sha.add(model.weight(name)));
        return sha.hex();
    }
}
