package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufConversion;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model converted to GGUF gives the reference logits of the checkpoint it was converted from: names, row order, rotary settings and the
 * configuration made from metadata all have to be right for that.
 */
class GgufModelTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_mha_untied", "llama31_rope", "qwen2", "qwen3"})
    void aConvertedModelGivesTheSameLogits(String name) throws IOException {
        Path source = Path.of("src", "test", "resources", "conformance", name);
        Path gguf = directory.resolve("model.gguf");
        try (Checkpoint original = Checkpoint.open(source)) {
            GgufConversion.convert(original).write(gguf);
        }
        JsonNode golden =
                new ObjectMapper().readTree(source.resolve("golden.json").toFile());
        int[] ids = new ObjectMapper().convertValue(golden.get("input_ids").get(0), int[].class);
        JsonNode expected = golden.get("logits").get(0);

        try (LanguageModel model = LanguageModel.open(gguf, LoadOptions.defaults())) {
            assertThat(model.hasTokenizer()).isFalse();
            float[][] logits = model.allLogits(new int[0], ids);
            assertThat(logits).hasNumberOfRows(expected.size());
            for (int position = 0; position < logits.length; position++) {
                for (int id = 0; id < logits[position].length; id++) {
                    double reference = expected.get(position).get(id).asDouble();
                    assertThat((double) logits[position][id])
                            .as("position %d, id %d", position, id)
                            .isCloseTo(reference, within(1e-5));
                }
            }
        }
    }
}
