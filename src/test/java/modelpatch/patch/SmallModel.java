package modelpatch.patch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.TensorKind;
import modelpatch.solve.Columns;

/** A checkpoint of a few small tensors of several kinds, and random patches for it. Numbers mean nothing; bytes do. */
public final class SmallModel {
    public static final List<String> MAPS = List.of("layers.0.o.weight", "layers.1.o.weight", "layers.2.o.weight");
    public static final int ROWS = 6;
    public static final int WIDTH = 8;

    private SmallModel() {}

    /** Three maps [6, 8] in F32, BF16 and F16, and a norm. */
    public static Path write(Path directory, long seed) {
        Random random = new Random(seed);
        TensorKind[] kinds = {TensorKind.F32, TensorKind.BF16, TensorKind.F16};
        List<OutgoingTensor> tensors = new ArrayList<>();
        for (int i = 0; i < MAPS.size(); i++) {
            float[] values = gaussian(ROWS * WIDTH, random);
            values[5] = -0f;
            tensors.add(OutgoingTensor.encoded(
                    MAPS.get(i), kinds[i], List.of((long) ROWS, (long) WIDTH), () -> FloatBuffer.wrap(values)));
        }
        tensors.add(OutgoingTensor.float32("norm.weight", List.of((long) WIDTH), gaussian(WIDTH, random)));
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("config.json"), "{\"model_type\": \"llama\"}\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), java.util.Map.of(), tensors);
        return directory;
    }

    static float[] gaussian(int count, RandomGenerator random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    public static TensorDelta delta(String tensor, int rank, Columns columns, RandomGenerator random) {
        return new TensorDelta(
                tensor,
                ROWS,
                columns,
                rank,
                Orientation.OUT_IN,
                gaussian(ROWS * rank, random),
                gaussian(rank * columns.count(), random));
    }

    public static List<TensorDelta> deltas(RandomGenerator random) {
        return List.of(
                delta(MAPS.get(0), 2, Columns.all(WIDTH), random),
                delta(MAPS.get(1), 1, Columns.of(WIDTH, 0, 1, 6), random),
                delta(MAPS.get(2), 1, Columns.all(WIDTH), random));
    }

    public static Provenance provenance(String reason) {
        ObjectNode configuration = JsonNodeFactory.instance.objectNode();
        configuration.put("lambda", 0.1).putArray("layers").add(0).add(1);
        ObjectNode evidence = JsonNodeFactory.instance.objectNode();
        evidence.putObject("correction").put("n01", 4).put("n00", 1);
        return new Provenance(
                "creme-paper",
                configuration,
                7,
                List.of("case-1", "case-2"),
                evidence,
                GateVerdict.PASSED,
                "Ada",
                reason,
                Instant.parse("2026-01-02T03:04:05Z"));
    }
}
