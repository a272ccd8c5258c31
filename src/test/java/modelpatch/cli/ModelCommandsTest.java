package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code logits}, {@code lens} and {@code rank} on conformance checkpoints: the documents hold the reference's numbers. */
class ModelCommandsTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "conformance");
    private static final Path GPT2 = MODELS.resolve("gpt2");
    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path folder;

    private static JsonNode golden(Path model) throws IOException {
        return new JsonMapper().readTree(model.resolve("golden.json").toFile());
    }

    private static String ids(JsonNode golden, int sequence) {
        return StreamSupport.stream(golden.at("/input_ids/" + sequence).spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(","));
    }

    private static void assertClose(JsonNode actual, JsonNode expected) {
        assertThat(actual.size()).isEqualTo(expected.size());
        Iterator<JsonNode> wanted = expected.iterator();
        for (JsonNode value : actual) {
            assertThat(value.doubleValue()).isCloseTo(wanted.next().doubleValue(), within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gemma2"})
    void logitsAreThoseOfTheReferenceAtEveryPosition(String name) throws IOException {
        JsonNode golden = golden(MODELS.resolve(name));
        JsonNode document = patch(
                        "logits", "--model", MODELS.resolve(name), "--ids", ids(golden, 0), "--json", "--generate", 12)
                .succeeded()
                .json();
        assertThat(document.at("/ids")).isEqualTo(golden.at("/input_ids/0"));
        assertThat(document.at("/positions")).hasSameSizeAs(golden.at("/input_ids/0"));
        for (JsonNode position : document.at("/positions")) {
            assertClose(
                    position.get("logits"),
                    golden.at("/logits/0/" + position.get("position").asInt()));
            assertThat(position.has("top")).isFalse();
        }
        assertThat(document.at("/generated/ids")).isEqualTo(golden.get("greedy"));
        assertThat(document.at("/generated/text").isNull()).isTrue();
    }

    @Test
    void generationStopsAtEveryTokenThatAnyFileOfTheModelSaysATextEndsWith() throws IOException {
        JsonNode golden = golden(GPT2);
        int third = golden.at("/greedy/2").asInt();
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(GPT2.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [" + third + "]}");
        JsonNode document = patch(
                        "logits", "--model", folder, "--ids", ids(golden, 0), "--json", "--generate", 12, "--stop")
                .succeeded()
                .json();
        List<Integer> made = StreamSupport.stream(document.at("/generated/ids").spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
        assertThat(made).endsWith(third).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void lastAndTopAskForLess() throws IOException {
        JsonNode golden = golden(GPT2);
        JsonNode all = golden.at("/logits/0/23");
        JsonNode document = patch("logits", "--model", GPT2, "--ids", ids(golden, 0), "--json", "--last", "--top", 3)
                .succeeded()
                .json();
        assertThat(document.at("/positions")).hasSize(1);
        assertThat(document.at("/positions/0/position").asInt()).isEqualTo(23);
        assertThat(document.at("/positions/0").has("logits")).isFalse();
        JsonNode top = document.at("/positions/0/top");
        assertThat(top).hasSize(3);
        double largest = StreamSupport.stream(all.spliterator(), false)
                .mapToDouble(JsonNode::doubleValue)
                .max()
                .orElseThrow();
        double total = Math.log(StreamSupport.stream(all.spliterator(), false)
                .mapToDouble(logit -> Math.exp(logit.doubleValue()))
                .sum());
        assertThat(top.at("/0/logit").doubleValue()).isCloseTo(largest, within(TOLERANCE));
        assertThat(top.at("/0/logprob").doubleValue()).isCloseTo(largest - total, within(TOLERANCE));
        assertThat(top.at("/0/logit").doubleValue())
                .isGreaterThanOrEqualTo(top.at("/1/logit").doubleValue());
    }

    /** The model composes this one; its bridge is Noldia, and the last but one token is where the phrase ends. */
    @Test
    void withoutItsImplicitResultARunLosesTheAnswerAndWithoutRandomTokensItDoesNot() {
        Object[] lens = {
            "lens", "--prompt", "The currency of the home country of Joren Prenen is", "--position", -2, "--intervene"
        };
        JsonNode suppression = patch(with(lens, "--targets", "Noldia|nobles", "--json"))
                .succeeded()
                .json()
                .at("/suppression");
        assertThat(suppression.at("/before").asDouble()).isGreaterThan(0.5);
        JsonNode middle = suppression.at("/layers/3");
        assertThat(middle.at("/after").asDouble()).isLessThan(0.1);
        assertThat(middle.at("/control/n").asInt()).isEqualTo(20);
        assertThat(middle.at("/control/interval/0").asDouble()).isGreaterThan(0.5);
        assertThat(patch(with(lens, "--targets", "Noldia|nobles")).succeeded().out())
                .contains("probability without \"Noldia\"", "20 random tokens");
        patch(with(lens, "--targets", "Noldia")).refused("--intervene", "two targets");
    }

    private static Object[] with(Object[] arguments, Object... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray();
    }

    @Test
    void lensIsThatOfTheReferenceInEveryLayer() throws IOException {
        JsonNode golden = golden(GPT2);
        JsonNode document = patch("lens", "--model", GPT2, "--ids", ids(golden, 0), "--target-ids", "5,9", "--json")
                .succeeded()
                .json();
        assertThat(document.at("/layers")).hasSameSizeAs(golden.get("lens"));
        for (JsonNode layer : document.at("/layers")) {
            JsonNode expected = golden.at("/lens/" + layer.get("layer").asInt());
            JsonNode target = layer.at("/targets/1");
            assertThat(target.get("id").asInt()).isEqualTo(9);
            double logit = expected.get(9).doubleValue();
            assertThat(target.get("logit").doubleValue()).isCloseTo(logit, within(TOLERANCE));
            long greater = StreamSupport.stream(expected.spliterator(), false)
                    .filter(other -> other.doubleValue() > logit)
                    .count();
            assertThat(target.get("rank").asInt()).isEqualTo(1 + greater);
            double sum = StreamSupport.stream(expected.spliterator(), false)
                    .mapToDouble(other -> Math.exp(other.doubleValue()))
                    .sum();
            assertThat(target.get("prob").doubleValue()).isCloseTo(Math.exp(logit) / sum, within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "qwen3"})
    void rankHoldsTheReferencesPatchedLogitOfEveryHead(String name) throws IOException {
        Path model = MODELS.resolve(name);
        JsonNode golden = golden(model);
        JsonNode document = patch(
                        "rank",
                        "--model",
                        model,
                        "--clean-ids",
                        ids(golden, 0),
                        "--corrupted-ids",
                        ids(golden, 1),
                        "--target-id",
                        5,
                        "--json")
                .succeeded()
                .json();
        assertThat(document.get("clean_logit").doubleValue())
                .isCloseTo(golden.at("/logits/0/23/5").doubleValue(), within(TOLERANCE));
        double corrupted = golden.at("/logits/1/23/5").doubleValue();
        assertThat(document.get("corrupted_logit").doubleValue()).isCloseTo(corrupted, within(TOLERANCE));
        assertThat(document.get("heads"))
                .hasSize(golden.get("head_patch").size()
                        * golden.at("/head_patch/0").size());
        double above = Double.POSITIVE_INFINITY;
        for (JsonNode head : document.get("heads")) {
            int layer = head.get("layer").asInt();
            int index = head.get("index").asInt();
            assertThat(head.get("head").asText()).isEqualTo("L" + layer + "H" + index);
            double patched =
                    golden.at("/head_patch/" + layer + "/" + index + "/5").doubleValue();
            assertThat(head.get("patched_logit").doubleValue()).isCloseTo(patched, within(TOLERANCE));
            double effect = head.get("effect").doubleValue();
            assertThat(effect)
                    .isCloseTo(patched - corrupted, within(2 * TOLERANCE))
                    .isLessThanOrEqualTo(above);
            above = effect;
        }
        assertThat(document.get("seconds").doubleValue()).isGreaterThanOrEqualTo(0);
    }

    @Test
    void aScreenedRankingTriesTheHeadsOfTheGreatestSlopesExactly() throws IOException {
        Object[] rank = {"rank", "--model", GPT2, "--clean-ids", "5,7", "--corrupted-ids", "5,8", "--target-id", 4};
        Map<String, Double> exact = new HashMap<>();
        patch(with(rank, "--json")).succeeded().json().get("heads").forEach(head -> {
            assertThat(head.get("attributed").isNull()).isTrue();
            exact.put(head.get("head").asText(), head.get("effect").doubleValue());
        });
        JsonNode all = patch(with(rank, "--json", "--screen", 1000)).succeeded().json();
        List<String> bySlope = StreamSupport.stream(all.get("heads").spliterator(), false)
                .sorted(Comparator.comparingDouble(
                        head -> -head.get("attributed").doubleValue()))
                .map(head -> head.get("head").asText())
                .toList();
        JsonNode heads =
                patch(with(rank, "--json", "--screen", 3)).succeeded().json().get("heads");
        assertThat(heads.findValuesAsText("head")).containsExactlyInAnyOrderElementsOf(bySlope.subList(0, 3));
        heads.forEach(head ->
                // a batch of other rows rounds otherwise
                assertThat(head.get("effect").doubleValue())
                        .isCloseTo(exact.get(head.get("head").asText()), within(TOLERANCE)));
        assertThat(patch(with(rank, "--screen", 3)).succeeded().out())
                .contains("to first order", "3 heads, those that their slopes put highest")
                .doesNotContain("lists them all");
        patch(with(rank, "--screen", 0)).refused("--screen", "at least 1");
    }

    @Test
    void aTunedLensIsTrainedWrittenAndReadThrough() throws IOException {
        Path file = folder.resolve("gpt2.lens.safetensors");
        JsonNode trained = patch("lens", "--model", GPT2, "--train-tuned", file, "--lens-steps", 5, "--json")
                .succeeded()
                .json();
        trained.get("layers")
                .forEach(layer -> assertThat(layer.get("tuned").doubleValue())
                        .isLessThan(layer.get("logit_lens").doubleValue()));
        Object[] lens = {"lens", "--model", GPT2, "--ids", "5,7,9", "--target-ids", 3};
        JsonNode plain = patch(with(lens, "--json")).succeeded().json().get("layers");
        JsonNode tuned =
                patch(with(lens, "--tuned", file, "--json")).succeeded().json().get("layers");
        int last = plain.size() - 1;
        assertThat(tuned.get(last)).isEqualTo(plain.get(last));
        assertThat(tuned.get(0)).isNotEqualTo(plain.get(0));
        assertThat(patch(with(lens, "--tuned", file)).succeeded().out())
                .contains("read through the tuned lens of " + file);
        patch("lens", "--model", MODELS.resolve("qwen3"), "--ids", "5,7", "--target-ids", 3, "--tuned", file)
                .refused("another final norm or unembedding", "--train-tuned");
        patch(with(lens, "--tuned", folder.resolve("none.safetensors"))).refused("none.safetensors");
        patch(with(lens, "--tuned", file, "--intervene")).refused("--intervene");
        patch("lens", "--model", GPT2, "--train-tuned", file, "--lens-steps", 0).refused("--lens-steps");
        patch("lens", "--model", GPT2, "--train-tuned", file, "--lens-rate", "NaN")
                .refused("--lens-rate");
        patch("lens", "--model", GPT2, "--train-tuned", folder).refused("a folder");
    }

    @Test
    void tablesShowWhatTheDocumentsHold() {
        assertThat(patch("logits", "--model", GPT2, "--ids", "5,7,9", "--top", 2, "-q")
                        .succeeded()
                        .out()
                        .lines())
                .hasSize(2 + 3 * 2);
        assertThat(patch("lens", "--model", GPT2, "--ids", "5,7,9", "--target-ids", 4, "--position", 0)
                        .succeeded()
                        .out())
                .startsWith("at position 0, 5:")
                .contains("rank");
        assertThat(patch("rank", "--model", GPT2, "--clean-ids", "5,7", "--corrupted-ids", "5,8", "--target-id", 4)
                        .succeeded()
                        .out())
                .contains("logit of 4: clean", "effect", "heads in");
    }

    @Test
    void anAbsentModelIsRefused() {
        patch("logits", "--model", folder.resolve("none"), "--ids", "1")
                .refused("--model", "no such model", "check the path");
    }

    @Test
    void aFolderWithoutACheckpointIsRefused() {
        patch("logits", "--model", folder, "--ids", "1").refused("no checkpoint", "model.safetensors");
    }

    @Test
    void aPromptNeedsTextOrIds() {
        patch("logits", "--model", GPT2).refused("--prompt", "--ids");
        patch("logits", "--model", GPT2, "--prompt", "a", "--ids", 1).refused("mutually exclusive");
    }

    @Test
    void textNeedsATokenizer() {
        patch("logits", "--model", GPT2, "--prompt", "Hello").refused("tokenizer", "--ids");
    }

    @Test
    void idsOutsideOfTheVocabularyAreRefused() {
        patch("logits", "--model", GPT2, "--ids", "1,99999").refused("99999", "out of range");
        patch("logits", "--model", GPT2, "--ids", "1,-3").refused("-3");
        patch("logits", "--model", GPT2, "--ids", "1,x").refused("--ids", "'x'");
        patch("lens", "--model", GPT2, "--ids", "1", "--target-ids", 99999).refused("99999", "out of range");
        patch("rank", "--model", GPT2, "--clean-ids", 1, "--corrupted-ids", 2, "--target-id", 99999)
                .refused("99999", "out of range");
    }

    @Test
    void aPromptBeyondTheContextIsRefused() {
        String ids = "1,".repeat(4000) + "1";
        patch("logits", "--model", GPT2, "--ids", ids).refused("beyond the context", "4001");
    }

    @Test
    void positionsOutsideOfThePromptAreRefused() {
        patch("lens", "--model", GPT2, "--ids", "1,2", "--target-ids", 1, "--position", 2)
                .refused("--position", "2");
    }

    @Test
    void countsBelowOneAreRefused() {
        patch("logits", "--model", GPT2, "--ids", "1", "--top", 0).refused("--top", "1 or more");
        patch("logits", "--model", GPT2, "--ids", "1", "--generate", -1).refused("--generate", "1 or more");
        patch("logits", "--model", GPT2, "--ids", "1", "--threads", 0).refused("--threads", "1 or more");
    }

    @Test
    void tooLittleMemoryIsRefusedBeforeLoading() {
        patch("logits", "--model", GPT2, "--ids", "1", "--max-memory", "1M").refused("--max-memory", "at least");
    }

    @Test
    void aTruncatedFileIsRefusedByName() throws IOException {
        Files.copy(GPT2.resolve("config.json"), folder.resolve("config.json"));
        byte[] weights = Files.readAllBytes(GPT2.resolve("model.safetensors"));
        Files.write(folder.resolve("model.safetensors"), java.util.Arrays.copyOf(weights, weights.length / 2));
        patch("logits", "--model", folder, "--ids", "1").refused("model.safetensors");
    }

    @Test
    void underJsonARefusalSaysWhere() {
        CommandRun run = patch("logits", "--json", "--model", GPT2, "--ids", "1,99999");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.json().at("/error/where").asText()).isEqualTo("ids");
        assertThat(run.json().at("/error/message").asText()).contains("99999");
    }
}
