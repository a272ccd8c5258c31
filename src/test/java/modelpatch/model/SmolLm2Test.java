package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** SmolLM2-135M-Instruct (GGUF, Q4_1) against the float64 reference of its dequantised weights. */
@NeedsSmolLm2
class SmolLm2Test {
    /** Section 9 of the design: float32 rounding over 30 blocks stays below 1e-4 at logits of up to 40. */
    private static final Offset<Double> TOLERANCE = within(1e-4);

    private static final int[] NO_PREFIX = {};

    @Test
    void tokensLogitsAndGreedyTextAreThoseOfTheReference() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(SharedModel.smolLm2Golden().toFile());
        try (LanguageModel model = LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults())) {
            for (JsonNode prompt : golden) {
                String text = prompt.get("prompt").asText();
                int[] ids = model.tokenizer().encode(text);
                assertThat(ids).as(text).isEqualTo(ints(prompt.get("ids")));
                float[] logits = model.nextLogits(NO_PREFIX, List.of(ids)).get(0);
                double[] logProbabilities = NextToken.logSoftmax(logits);
                assertThat(NextToken.logSumExp(logits))
                        .isCloseTo(prompt.get("logsumexp").asDouble(), TOLERANCE);
                for (JsonNode top : prompt.get("top")) {
                    int id = top.get(0).asInt();
                    assertThat((double) logits[id])
                            .as(text + " " + id)
                            .isCloseTo(top.get(1).asDouble(), TOLERANCE);
                    assertThat(logProbabilities[id])
                            .as(text + " " + id)
                            .isCloseTo(top.get(2).asDouble(), TOLERANCE);
                }
                assertThat(model.generate(NO_PREFIX, List.of(ids), 8, soFar -> false)
                                .get(0))
                        .as(text)
                        .isEqualTo(ints(prompt.get("greedy")));
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }
}
