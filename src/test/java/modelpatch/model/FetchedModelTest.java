package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.FetchedModel;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real Q4_K_M files of two families against the float64 reference of their dequantised weights. */
class FetchedModelTest {
    /** Section 9 of the design; the references are double, our rounding at logits of up to 40 stays below. */
    private static final Offset<Double> TOLERANCE = within(1e-4);

    private static final int[] NO_PREFIX = {};

    @ParameterizedTest
    @EnumSource
    void idsLogitsAndGreedyIdsAreThoseOfTheReference(FetchedModel fetched) throws IOException {
        JsonNode golden = new ObjectMapper().readTree(fetched.golden().toFile());
        try (LanguageModel model = LanguageModel.open(fetched.require(), LoadOptions.defaults())) {
            for (JsonNode prompt : golden) {
                int[] ids = ints(prompt.get("ids"));
                String what = ids.length + " tokens: "
                        + prompt.get("prompt").asText().lines().findFirst().orElse("");
                assertThat(model.tokenizer().encode(prompt.get("prompt").asText()))
                        .as(what)
                        .isEqualTo(ids);
                float[] logits = model.nextLogits(NO_PREFIX, List.of(ids)).get(0);
                assertThat(NextToken.logSumExp(logits))
                        .as(what)
                        .isCloseTo(prompt.get("logsumexp").asDouble(), TOLERANCE);
                for (JsonNode top : prompt.get("top")) {
                    int id = top.get(0).asInt();
                    assertThat((double) logits[id])
                            .as(what + " " + id)
                            .isCloseTo(top.get(1).asDouble(), TOLERANCE);
                }
                assertThat(model.generate(
                                        NO_PREFIX,
                                        List.of(ids),
                                        prompt.get("greedy").size(),
                                        soFar -> false)
                                .get(0))
                        .as(what)
                        .isEqualTo(ints(prompt.get("greedy")));
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }
}
