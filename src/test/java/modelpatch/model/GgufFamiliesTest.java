package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models that a program of its own converted to GGUF (src/test/resources/gguf/README.md) give the reference logits of the checkpoints that they
 * were converted from.
 */
class GgufFamiliesTest {
    private static final Path RESOURCES = Path.of("src", "test", "resources");
    private static final Path FAMILIES = RESOURCES.resolve("gguf").resolve("families");

    /** Its window is in no key that converters write; llama.cpp has none either. */
    private static final String WITHOUT_WINDOW = "starcoder2";

    @TempDir
    Path directory;

    static Stream<String> models() throws IOException {
        try (Stream<Path> files = Files.list(FAMILIES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".gguf"))
                    .map(name -> name.substring(0, name.length() - ".gguf".length()))
                    .filter(name -> !name.equals(WITHOUT_WINDOW))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static Path source(String name) {
        Path first = RESOURCES.resolve("conformance").resolve(name);
        return Files.exists(first) ? first : RESOURCES.resolve("conformance2").resolve(name);
    }

    private static JsonNode golden(String name) throws IOException {
        return new ObjectMapper().readTree(source(name).resolve("golden.json").toFile());
    }

    private static int[] ids(JsonNode golden) {
        return new ObjectMapper().convertValue(golden.get("input_ids").get(0), int[].class);
    }

    private static float[][] logits(Path model, int[] ids) {
        try (LanguageModel opened = LanguageModel.open(model, LoadOptions.defaults())) {
            return opened.allLogits(new int[0], ids);
        }
    }

    private static double largestDifference(float[][] found, float[][] expected) {
        assertThat(found).hasDimensions(expected.length, expected[0].length);
        double largest = 0;
        for (int position = 0; position < found.length; position++) {
            for (int id = 0; id < found[position].length; id++) {
                largest = Math.max(largest, Math.abs((double) found[position][id] - expected[position][id]));
            }
        }
        return largest;
    }

    @ParameterizedTest
    @MethodSource("models")
    void aConvertedModelGivesTheReferenceLogits(String name) throws IOException {
        JsonNode golden = golden(name);
        float[][] expected =
                new ObjectMapper().convertValue(golden.get("logits").get(0), float[][].class);

        float[][] found = logits(FAMILIES.resolve(name + ".gguf"), ids(golden));

        assertThat(largestDifference(found, expected)).isLessThanOrEqualTo(1e-5);
    }

    @Test
    void aConvertedModelThatLostItsWindowGivesTheLogitsOfTheCheckpointWithoutIt() throws IOException {
        Path source = source(WITHOUT_WINDOW);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) mapper.readTree(source.resolve("config.json").toFile());
        mapper.writeValue(directory.resolve("config.json").toFile(), config.putNull("sliding_window"));
        Files.copy(source.resolve("model.safetensors"), directory.resolve("model.safetensors"));
        int[] ids = ids(golden(WITHOUT_WINDOW));

        float[][] found = logits(FAMILIES.resolve(WITHOUT_WINDOW + ".gguf"), ids);

        assertThat(largestDifference(found, logits(directory, ids))).isLessThanOrEqualTo(1e-5);
    }
}
