package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checkpoints of src/test/resources/conformance2 with other values of some keys, which turn on what the published values leave idle: chunks,
 * windows, groups of experts, bounds. The numbers are the reference implementation's (make_variants.py there).
 */
class Conformance2VariantsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    static Stream<Arguments> variants() throws IOException {
        JsonNode all = JSON.readTree(Conformance2.path("variants.json").toFile());
        return StreamSupport.stream(all.spliterator(), false)
                .map(one -> Arguments.of(one.get("of").asText(), one.get("change"), one.get("logits")));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("variants")
    void otherValuesGiveTheReferencesNumbersToo(String name, JsonNode change, JsonNode logits) throws IOException {
        Path folder = Conformance2.with(name, "config.json", directory.resolve(name));
        ObjectNode config =
                (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        config.setAll((ObjectNode) change);
        Files.writeString(folder.resolve("config.json"), config.toString());
        JsonNode ids = JSON.readTree(
                        Conformance2.path(name).resolve("golden.json").toFile())
                .get("input_ids")
                .get(0);
        int[] prompt =
                IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray();
        try (LanguageModel model = LanguageModel.open(folder, LoadOptions.defaults())) {
            float[][] found = model.allLogits(new int[0], prompt);
            close(found[prompt.length / 2 - 1], logits.get(0));
            close(found[prompt.length - 1], logits.get(1));
        }
    }

    private static void close(float[] found, JsonNode expected) {
        assertThat(found).hasSize(expected.size());
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected.get(i).asDouble(), within(1e-5));
        }
    }
}
