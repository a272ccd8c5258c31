package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes with the weights of a GGUF file that stands alone. */
@NeedsSmolLm2
class SmolLm2CompanionsTest {
    @TempDir
    Path folder;

    @Test
    void aGgufFileWithoutTokenizerJsonBringsTheOneThatItsMetadataDescribe() throws IOException {
        Path alone = Files.createDirectory(folder.resolve("alone"));
        Path file = SharedModel.smolLm2();
        Path link = Files.createSymbolicLink(alone.resolve(file.getFileName()), file.toAbsolutePath());
        Path exported = Files.createDirectory(folder.resolve("exported"));
        try (Checkpoint base = Checkpoint.open(link)) {
            Companions companions = new Companions(base);
            companions.copy(exported);
            companions.writeMissing(exported);
        }
        assertThat(exported.resolve("config.json")).isRegularFile();
        JsonNode words = new ObjectMapper()
                .readTree(exported.resolve("tokenizer_config.json").toFile());
        assertThat(words.path("eos_token").asText()).isEqualTo("<|im_end|>");
        assertThat(exported.resolve("chat_template.jinja")).content().contains("<|im_start|>");
        try (Tokenizer made = Tokenizer.read(exported.resolve("tokenizer.json"));
                Tokenizer own = Tokenizer.read(file.resolveSibling("tokenizer.json"))) {
            for (String text : new String[] {
                "The capital of France is", "Q: Who wrote it?\nA:", "1984 naïve 東京 <|im_start|>user\n\tfoo();  bar"
            }) {
                assertThat(made.encode(text)).containsExactly(own.encode(text));
                assertThat(made.decode(made.encode(text))).isEqualTo(own.decode(own.encode(text)));
            }
        }
    }
}
