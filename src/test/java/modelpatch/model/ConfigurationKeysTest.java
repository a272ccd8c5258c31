package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.Checkpoint;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every key that a family reads, deleted, set to null and given another value: the numbers of the reference implementation, or a refusal. The
 * expected numbers are in src/test/resources/configuration-keys with the program that made them.
 */
class ConfigurationKeysTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As in the conformance tests: two float32 programs on random weights. */
    private static final double TOLERANCE = 1e-5;

    private static final JsonNode GOLDEN = golden();

    @TempDir
    Path directory;

    private static JsonNode golden() {
        try (InputStream in = new GZIPInputStream(
                Files.newInputStream(Path.of("src/test/resources/configuration-keys/golden.json.gz")))) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String> checkpoints() {
        return StreamSupport.stream(
                ((Iterable<String>) () -> GOLDEN.get("checkpoints").fieldNames()).spliterator(), false);
    }

    private static Path source(String name) {
        Path first = Path.of("src/test/resources/conformance", name);
        return Files.isDirectory(first) ? first : Path.of("src/test/resources/conformance2", name);
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void noKeyGivesNumbersThatTheReferenceDoesNotGive(String name) throws IOException {
        JsonNode golden = GOLDEN.get("checkpoints").get(name);
        int[] ids = IntStream.range(0, golden.get("ids").size())
                .map(i -> golden.get("ids").get(i).asInt())
                .toArray();
        Files.createSymbolicLink(
                directory.resolve("model.safetensors"),
                source(name).resolve("model.safetensors").toAbsolutePath());
        ObjectNode published =
                (ObjectNode) JSON.readTree(source(name).resolve("config.json").toFile());
        List<String> wrong = new ArrayList<>();
        Map<DecoderLayout, double[]> computed = new HashMap<>();
        int right = 0;
        for (Map.Entry<String, JsonNode> one : golden.get("cases").properties()) {
            ObjectNode config = changed(published, one.getKey(), one.getValue());
            Files.writeString(directory.resolve("config.json"), config.toString());
            double[] logits = logits(ids, computed);
            boolean agrees = logits.length > 0 && difference(logits, expected(golden, one)) <= TOLERANCE;
            right += agrees ? 1 : 0;
            if (logits.length > 0 && !agrees) {
                wrong.add(one.getKey() + " " + one.getValue().path("value"));
            }
        }
        assertThat(wrong).as("numbers that the reference does not give").isEmpty();
        assertThat(right).as("cases that are answered").isPositive();
    }

    /** Where the reference does not load, for want of a value that it never uses, nothing but the numbers without the change is right. */
    private static JsonNode expected(JsonNode golden, Map.Entry<String, JsonNode> one) {
        JsonNode cases = golden.get("cases");
        return one.getValue().has("failed")
                ? cases.get("unchanged").path("logits")
                : one.getValue().path("logits");
    }

    private static ObjectNode changed(ObjectNode published, String change, JsonNode golden) {
        ObjectNode config = published.deepCopy();
        String key = change.replaceFirst(" .*", "");
        if (change.endsWith(" deleted")) {
            config.remove(key);
        } else if (change.endsWith(" null")) {
            config.putNull(key);
        } else if (change.endsWith(" other")) {
            config.set(key, golden.get("value"));
        }
        return config;
    }

    /**
     * Of the last position; none where the model is refused.
     *
     * @param computed of the same weights, by what their configuration describes, which is all that a model is made of: most keys change nothing
     */
    private double[] logits(int[] ids, Map<DecoderLayout, double[]> computed) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            return computed.computeIfAbsent(DecoderLayout.of(checkpoint), layout -> logits(ids));
        } catch (BadInput refused) {
            return new double[0];
        }
    }

    private double[] logits(int[] ids) {
        try (LanguageModel model = LanguageModel.open(directory, LoadOptions.defaults())) {
            float[][] all = model.allLogits(new int[0], ids);
            float[] last = all[all.length - 1];
            return IntStream.range(0, last.length).mapToDouble(i -> last[i]).toArray();
        }
    }

    /** Infinite where the reference gives no numbers. */
    private static double difference(double[] logits, JsonNode expected) {
        if (expected.isMissingNode()) {
            return Double.POSITIVE_INFINITY;
        }
        JsonNode tokens = GOLDEN.get("tokens");
        return IntStream.range(0, expected.size())
                .mapToDouble(i ->
                        Math.abs(logits[tokens.get(i).asInt()] - expected.get(i).asDouble()))
                .max()
                .orElse(0);
    }
}
