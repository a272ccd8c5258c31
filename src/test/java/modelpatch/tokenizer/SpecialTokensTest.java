package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.document.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens begin, end and fill up a text, by the files of a model. */
class SpecialTokensTest {
    @TempDir
    Path directory;

    private void beside(String name, String json) throws IOException {
        Files.writeString(directory.resolve(name), json.replace('\'', '"'));
    }

    private SpecialTokens read() {
        SafetensorsWriter.write(
                directory.resolve("model.safetensors"),
                java.util.Map.of(),
                List.of(OutgoingTensor.float32("w", List.of(1L), new float[1])));
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            return SpecialTokens.of(checkpoint);
        }
    }

    private static JsonNode json(String text) {
        return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "test");
    }

    @Test
    void aTextEndsWithEveryTokenThatAnyFileSaysItEndsWith() throws IOException {
        beside("config.json", "{'eos_token_id': 2, 'bos_token_id': 1, 'pad_token_id': -1}");
        assertThat(read()).isEqualTo(new SpecialTokens(OptionalInt.of(1), List.of(2), none(), none()));
        beside("generation_config.json", "{'eos_token_id': [5, 2], 'pad_token_id': 9}");
        assertThat(read()).isEqualTo(new SpecialTokens(OptionalInt.of(1), List.of(5, 2), OptionalInt.of(9), none()));
        beside("tokenizer_config.json", "{'eos_token': {'content': 'end'}, 'bos_token': 'begin', 'pad_token': null}");
        beside(
                "tokenizer.json",
                "{'added_tokens': [{'id': 7, 'content': 'end'}], 'model': {'vocab': {'begin': 3}},"
                        + " 'post_processor': {'type': 'TemplateProcessing', 'single': [{'Sequence': {'id': 'A'}},"
                        + " {'SpecialToken': {'id': 'last'}}], 'special_tokens': {'last': {'ids': [8]}}}}");
        assertThat(read())
                .isEqualTo(new SpecialTokens(OptionalInt.of(3), List.of(7, 5, 2, 8), OptionalInt.of(9), none()));
    }

    @Test
    void theEndsOfATextATurnAndAMessageInGgufAllCount() {
        ObjectNode config = Json.object();
        SpecialTokens found = SpecialTokens.of(
                MissingNode.getInstance(),
                MissingNode.getInstance(),
                List.of(
                        config,
                        SpecialTokens.inGguf(java.util.Map.of(
                                "tokenizer.ggml.bos_token_id", json("1"),
                                "tokenizer.ggml.eos_token_id", json("4"),
                                "tokenizer.ggml.eot_token_id", json("3"),
                                "tokenizer.ggml.eom_token_id", json("6"),
                                "tokenizer.ggml.padding_token_id", json("4"),
                                "tokenizer.ggml.unknown_token_id", json("0")))));
        assertThat(found)
                .isEqualTo(
                        new SpecialTokens(OptionalInt.of(1), List.of(4, 3, 6), OptionalInt.of(4), OptionalInt.of(0)));
    }

    @Test
    void namesAreFoundInVocabulariesOfEveryForm() {
        JsonNode named = json("{'eos_token': 'b', 'unk_token': 'nowhere'}");
        for (String model : List.of("{'vocab': {'a': 0, 'b': 1}}", "{'vocab': [['a', -1], ['b', -2]]}")) {
            SpecialTokens found = SpecialTokens.of(json("{'model': " + model + "}"), named, List.of());
            assertThat(found.ends()).containsExactly(1);
            assertThat(found.unknown()).isEmpty();
        }
    }

    @Test
    void idsThatAreNoneCountForNothing() {
        SpecialTokens found = SpecialTokens.of(
                MissingNode.getInstance(),
                MissingNode.getInstance(),
                List.of(json("{'eos_token_id': [-1, null, 3.5, 'x', 99999999999, 4], 'bos_token_id': null}")));
        assertThat(found).isEqualTo(new SpecialTokens(none(), List.of(4), none(), none()));
        assertThat(found.below(4).ends()).isEmpty();
    }

    private static OptionalInt none() {
        return OptionalInt.empty();
    }
}
