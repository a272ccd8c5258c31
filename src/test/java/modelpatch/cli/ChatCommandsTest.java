package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --chat}: what is asked is a user's turn. */
class ChatCommandsTest {
    private static final String FACTS = """
            subject\trelation\trelation_label\tobject
            Alain Giresse\tP27\tcountry of citizenship\tFrance
            Shigeru Miyamoto\tP27\tcountry of citizenship\tJapan
            France\tP36\tcapital\tParis
            Japan\tP36\tcapital\tTokyo
            """;

    @TempDir
    Path folder;

    @Test
    void aModelWithoutATemplateIsRefused() {
        patch("find", "--chat").refused("no chat template", "--chat");
        patch("logits", "--chat", "--prompt", "The capital of Gremavia is").refused("no chat template");
        patch("eval", "--chat").refused("no chat template");
    }

    @Test
    void aTemplateThatRefusesIsOneMessage() throws IOException {
        for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            Files.copy(Path.of("models/default", file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ raise_exception('Users say nothing here') }}");
        patch("logits", "--model", folder, "--chat", "--prompt", "Hello")
                .refused("it refuses: Users say nothing here", "chat template of " + folder);
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages | shorten }}");
        patch("logits", "--model", folder, "--chat", "--prompt", "Hello").refused("the filter shorten");
    }

    /** By transformers 5.24: apply_chat_template of this model's template, encoded by its tokenizer without further special tokens. */
    @Test
    @NeedsSmolLm2
    void theIdsOfAChatAreThoseOfTheReference() {
        JsonNode printed = patch(
                        "logits",
                        "--model",
                        SharedModel.smolLm2(),
                        "--chat",
                        "--prompt",
                        "What is the capital of France?",
                        "--last",
                        "--top",
                        1,
                        "--json")
                .succeeded()
                .json();
        assertThat(printed.get("ids").toString())
                .isEqualTo(
                        "[1,9690,198,2683,359,253,5356,5646,11173,3365,3511,308,34519,28,7018,411,407,19712,8182,2,198,"
                                + "1,4093,198,1780,314,260,3575,282,4649,47,2,198,1,520,9531,198]");
    }

    @Test
    @NeedsSmolLm2
    void findingsOfAChatSaySoAndHandItOn() throws IOException {
        Path facts = Files.writeString(folder.resolve("facts.tsv"), FACTS);
        Path output = folder.resolve("findings.json");
        Object[] find = {
            "find",
            "--model",
            SharedModel.smolLm2(),
            "--facts",
            facts,
            "--max-mediated",
            1,
            "--output",
            output,
            "--json"
        };
        JsonNode plain = patch(find).succeeded().json();
        Object[] chat = java.util.Arrays.copyOf(find, find.length + 1);
        chat[find.length] = "--chat";
        JsonNode asked = patch(chat).succeeded().json();
        assertThat(plain.get("protocol").asText())
                .startsWith("generated / cloze-5+2")
                .doesNotContain("chat");
        assertThat(asked.get("protocol").asText())
                .startsWith("generated / question-5+2")
                .containsPattern(" / chat \\([0-9a-f]{8}\\)$");
        assertThat(asked.at("/asked/chat").asText()).isEqualTo("true");
        assertThat(asked.at("/counts/cases").asInt()).isEqualTo(2);
        assertThat(asked.at("/counts/hop_known/hop2/successes").asInt()).isEqualTo(2);
    }

    @Test
    @NeedsSmolLm2
    void aSuiteHoldsTheWordsOfItsChat() throws IOException {
        Path facts = Files.writeString(folder.resolve("facts.tsv"), FACTS);
        Path suite = folder.resolve("suite.yaml");
        patch(
                        "guard",
                        "init",
                        "--model",
                        SharedModel.smolLm2(),
                        "--facts",
                        facts,
                        "--chat",
                        "--most",
                        2,
                        "--out",
                        suite)
                .succeeded();
        assertThat(Files.readString(suite)).contains("  chat:\n    before: \"<|im_start|>system\\n");
        JsonNode run = patch("guard", "run", "--model", SharedModel.smolLm2(), "--suite", suite, "--json")
                .succeeded()
                .json();
        assertThat(run.toString()).contains("/ chat (");
    }
}
