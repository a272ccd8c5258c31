package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import org.junit.jupiter.api.Test;

/** The commands on the real model, where prompts are text. */
@NeedsSmolLm2
class SmolLm2CommandsTest {
    private static final String PROMPT = "The capital of France is";

    @Test
    void logitsOfATextAreThoseOfTheFloat64Reference() throws IOException {
        JsonNode golden =
                new JsonMapper().readTree(SharedModel.smolLm2Golden().toFile()).get(0);
        assertThat(golden.get("prompt").asText()).isEqualTo(PROMPT);
        JsonNode document = patch(
                        "logits",
                        "--model",
                        SharedModel.smolLm2(),
                        "--prompt",
                        PROMPT,
                        "--last",
                        "--top",
                        20,
                        "--generate",
                        golden.get("greedy").size(),
                        "--json")
                .succeeded()
                .json();
        assertThat(document.get("ids")).isEqualTo(golden.get("ids"));
        JsonNode top = document.at("/positions/0/top");
        for (int i = 0; i < 20; i++) {
            JsonNode expected = golden.get("top").get(i);
            assertThat(top.get(i).get("id").asInt()).isEqualTo(expected.get(0).asInt());
            assertThat(top.get(i).get("logit").doubleValue())
                    .isCloseTo(expected.get(1).doubleValue(), within(1e-4));
            assertThat(top.get(i).get("logprob").doubleValue())
                    .isCloseTo(expected.get(2).doubleValue(), within(1e-4));
        }
        assertThat(top.at("/0/token").asText()).isEqualTo("ĠParis");
        assertThat(document.at("/generated/ids")).isEqualTo(golden.get("greedy"));
        assertThat(document.at("/generated/text")).isEqualTo(golden.get("greedy_text"));
    }

    @Test
    void generationStopsAtTheEndOfTheSequenceOnlyWhereAsked() {
        String prompt = "<|im_start|>user\nSay only: yes<|im_end|>\n<|im_start|>assistant\n";
        JsonNode stopped = patch(
                        "logits",
                        "--model",
                        SharedModel.smolLm2(),
                        "--prompt",
                        prompt,
                        "--last",
                        "--generate",
                        60,
                        "--stop",
                        "--json")
                .succeeded()
                .json();
        JsonNode ids = stopped.at("/generated/ids");
        assertThat(ids.size()).isLessThan(60);
        assertThat(ids.get(ids.size() - 1).asInt()).isEqualTo(2); // <|im_end|>
    }

    @Test
    void lensAndRankTakeTextAndSayAtWhichTokenAnAnswerIsRead() {
        CommandRun lens =
                patch("lens", "--model", SharedModel.smolLm2(), "--prompt", PROMPT, "--targets", "Paris|Ouagadougou");
        assertThat(lens.succeeded().out()).contains("\" Paris\"", "at position 4, \" is\"");
        assertThat(lens.err()).contains("\"Ouagadougou\" has", "read at the first");

        CommandRun rank = patch(
                "rank",
                "--model",
                SharedModel.smolLm2(),
                "--clean",
                PROMPT,
                "--corrupted",
                "The capital of Spain is",
                "--target",
                "Paris");
        assertThat(rank.succeeded().out()).contains("logit of \" Paris\"", "270 heads in");
        assertThat(rank.out().lines().skip(4).findFirst())
                .hasValueSatisfying(first -> assertThat(first).startsWith("L23H4"));
    }

    @Test
    void anEmptyPromptIsRefused() {
        patch("logits", "--model", SharedModel.smolLm2(), "--prompt", "").refused("empty prompt", "--prompt");
    }
}
