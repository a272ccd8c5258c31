package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.tokenizer.SpecialTokens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path DEFAULT_MODEL = Path.of("models/default");

    @TempDir
    Path directory;

    private JsonNode written(Path base) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(base)) {
            Companions companions = new Companions(checkpoint);
            companions.copy(directory);
            companions.writeMissing(directory);
        }
        return JSON.readTree(directory.resolve("tokenizer_config.json").toFile());
    }

    @Test
    void theDefaultModelsTokenizerIsToBeTakenAsItIs() throws IOException {
        JsonNode config = written(DEFAULT_MODEL);
        assertThat(config.path("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
        assertThat(config.path("bos_token").asText()).isEqualTo("<bos>");
        assertThat(config.path("unk_token").asText()).isEqualTo("<unk>");
    }

    /** Its texts end with a full stop, which is a word like others. */
    @Test
    void aWordThatEndsATextIsNotMadeASpecialToken() throws IOException {
        assertThat(written(DEFAULT_MODEL).has("eos_token")).isFalse();
    }

    @Test
    void theBasesOwnFileStays() throws IOException {
        Path base = Files.createDirectory(directory.resolve("base"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(DEFAULT_MODEL.resolve(file), base.resolve(file));
        }
        Files.writeString(base.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"LlamaTokenizer\"}");
        assertThat(written(base)).hasToString("{\"tokenizer_class\":\"LlamaTokenizer\"}");
    }

    @Test
    void rolesGoToSpecialTokensAlone() throws IOException {
        JsonNode tokenizer = JSON.readTree("""
                {"added_tokens": [{"id": 0, "content": "<s>", "special": true}, {"id": 1, "content": "</s>", "special": true},
                                  {"id": 2, "content": "tool", "special": false}],
                 "model": {"type": "BPE", "unk_token": null}}""");
        SpecialTokens ids = new SpecialTokens(OptionalInt.of(0), List.of(1, 2), OptionalInt.of(2), OptionalInt.empty());
        JsonNode config = new TokenizerConfig(tokenizer, ids).json();
        assertThat(config.path("bos_token").asText()).isEqualTo("<s>");
        assertThat(config.path("eos_token").asText()).isEqualTo("</s>");
        assertThat(config.has("pad_token")).isFalse();
        assertThat(config.has("unk_token")).isFalse();
    }
}
