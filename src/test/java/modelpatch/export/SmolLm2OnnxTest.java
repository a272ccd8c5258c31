package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SmolLM2-135M-Instruct, patched, in ONNX Runtime beside the engine. */
@NeedsSmolLm2
class SmolLm2OnnxTest {
    private static final int PROMPTS = 2;

    @TempDir
    Path directory;

    @Test
    void logitsAndGreedyTextAreTheEngines() throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(SharedModel.smolLm2())) {
            ParityCheck check = new ParityCheck(patched.model(), prompts());
            Parity parity = OnnxExport.write(
                    patched.checkpoint(), patched.stack(), check, target, OnnxExport.Options.defaults());
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.ways())
                    .allSatisfy(way -> assertThat(way.sameTop()).isEqualTo(way.positions()));
        }
        try (OnnxModel model = OnnxModel.open(target, 1)) {
            String text = "The capital of France is";
            assertThat(model.tokenizer().decode(model.tokenizer().encode(text))).isEqualTo(text);
        }
    }

    private static List<int[]> prompts() throws IOException {
        List<int[]> prompts = new ArrayList<>();
        for (JsonNode prompt :
                new ObjectMapper().readTree(SharedModel.smolLm2Golden().toFile())) {
            JsonNode ids = prompt.get("ids");
            prompts.add(
                    IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray());
        }
        return prompts.subList(0, PROMPTS);
    }
}
