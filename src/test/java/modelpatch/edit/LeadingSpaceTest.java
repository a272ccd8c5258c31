package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The classic mistake of editors: an answer that is encoded by itself, without the space that stands before it in text. With a vocabulary that
 * writes spaces the edit then teaches a word that never follows.
 */
class LeadingSpaceTest {
    private static final String PROMPT = "the capital of norway is";
    private static final String ANSWER = "oslo";

    @TempDir
    Path folder;

    @Test
    void anAnswerIsTaughtWithTheSpaceThatStandsBeforeItInText() throws IOException {
        Path source = Path.of("src", "test", "resources", "conformance", "llama");
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(source.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("tokenizer.json"), byteLevel());
        EditPrompts.Span subject = new EditPrompts.Span(PROMPT.indexOf("norway"), PROMPT.indexOf(" is"));
        EditPrompts fed = new EditPrompts(
                List.of(new EditPrompts.Row(
                        0, PROMPT, PROMPT, subject, subject, Optional.of(new EditPrompts.Goal(subject, ANSWER)))),
                List.of(),
                List.of(),
                List.of(),
                0,
                Set.of());
        try (LanguageModel model = LanguageModel.open(folder, LoadOptions.defaults())) {
            EditPrompts.Told told =
                    fed.encode(model, TinyWorld.protocol()).told().get(0);
            int[] alone = model.tokenizer().encode(ANSWER);
            assertThat(told.target()).as("not the ids of the word alone").isNotEqualTo(alone);
            assertThat(model.tokenizer().decode(told.target())).isEqualTo(" " + ANSWER);
            assertThat(told.ids()).isEqualTo(model.tokenizer().encode(PROMPT + " " + ANSWER));
            assertThat(model.tokenizer().decode(new int[] {told.ids()[told.subject()]}))
                    .isEqualTo("y");
        }
    }

    /** Letters, and the space as a letter of its own. */
    private static String byteLevel() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding").putArray("added_tokens");
        root.putNull("normalizer");
        root.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        root.putNull("post_processor");
        root.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        ObjectNode model = root.putObject("model").put("type", "BPE").putNull("unk_token");
        ObjectNode ids = model.putObject("vocab");
        for (int i = 0; i < 26; i++) {
            ids.put(String.valueOf((char) ('a' + i)), i);
        }
        ids.put("\u0120", 26);
        model.putArray("merges");
        return json.writeValueAsString(root);
    }
}
