package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model that is not wholly understood is refused with what is missing; wrong numbers are never printed. */
class RefusedModelTest {
    private static final Path LLAMA = Path.of("src/test/resources/conformance/llama");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    @BeforeEach
    void copyOfAGoodModel() throws IOException {
        Files.copy(LLAMA.resolve("config.json"), directory.resolve("config.json"));
        Files.copy(LLAMA.resolve("model.safetensors"), directory.resolve("model.safetensors"));
    }

    @Test
    void anUnknownArchitectureIsRefusedWithThoseThatAreKnown() throws IOException {
        config(json -> json.put("model_type", "mamba"));
        refused("unknown architecture", "gpt2, gpt_bigcode", "\"mamba\"");
    }

    @Test
    void unknownSwitchesAreListed() throws IOException {
        config(json -> json.put("residual_twist", 0.25).put("use_shift", true).put("switched_off", 0));
        refused("unknown switches", "residual_twist = 0.25; use_shift = true;");
    }

    /** A switch of other families is none of this one, as in the reference implementation. */
    @Test
    void aKeyThatTheFamilyDoesNotReadChangesNothing() throws IOException {
        float[][] before = logits();
        config(json -> json.put("sliding_window", 2)
                .put("attn_logit_softcapping", 0.1)
                .put("logit_scale", 0.25)
                .put("num_experts", 8));
        assertThat(logits()).isDeepEqualTo(before);
    }

    private float[][] logits() {
        try (LanguageModel model = LanguageModel.open(directory, LoadOptions.defaults())) {
            return model.allLogits(new int[0], new int[] {1, 5, 9, 2});
        }
    }

    @Test
    void anUnknownKindOfRotaryScalingIsNamed() throws IOException {
        config(json ->
                json.putObject("rope_parameters").put("rope_type", "fractal").put("rope_theta", 1e4));
        refused("rotary scaling", "default, linear, dynamic, llama3, yarn or longrope", "\"fractal\"");
    }

    @Test
    void anUnknownActivationIsNamed() throws IOException {
        config(json -> json.put("hidden_act", "mish"));
        refused("activation", "\"mish\"");
    }

    @Test
    void aConfigThatDoesNotFitTheWeightsIsRefusedByTensor() throws IOException {
        config(json -> json.put("intermediate_size", 96));
        refused("wrong shape", "model.layers.0.mlp.gate_proj.weight", "[96, 48]", "[80, 48]");
    }

    @Test
    void missingAndUnknownTensorsAreNamed() throws IOException {
        rewrite(
                (name, values) -> name.equals("model.norm.weight") ? null : values,
                "model.layers.1.self_attn.q_norm.weight");
        refused("missing: model.norm.weight", "not understood: model.layers.1.self_attn.q_norm.weight");
    }

    @Test
    void weightsThatAreNotFiniteAreNamedAndGoThroughOnlyWhenAllowed() throws IOException {
        rewrite(
                (name, values) -> {
                    if (name.equals("model.layers.2.mlp.up_proj.weight")) {
                        values[7] = Float.NaN;
                    }
                    return values;
                },
                null);
        refused("model.layers.2.mlp.up_proj.weight", "--allow-nan");
        try (LanguageModel model = LanguageModel.open(directory, new LoadOptions(1, true, 0))) {
            assertThatThrownBy(() -> model.nextLogits(new int[0], List.of(new int[] {1, 2})))
                    .as("what comes of them is no result")
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("not finite");
        }
    }

    @Test
    void tokensWithoutARowInTheEmbeddingAreRefusedOnlyWhereATextHoldsThem() throws IOException {
        ObjectNode tokenizer = JSON.createObjectNode();
        tokenizer.put("version", "1.0");
        tokenizer.putObject("pre_tokenizer").put("type", "Whitespace");
        ObjectNode words = tokenizer
                .putObject("model")
                .put("type", "WordLevel")
                .put("unk_token", "w0")
                .putObject("vocab");
        for (int i = 0; i < 98; i++) {
            words.put("w" + i, i);
        }
        Files.writeString(directory.resolve("tokenizer.json"), tokenizer.toString());
        try (LanguageModel model = LanguageModel.open(directory, LoadOptions.defaults())) {
            assertThat(model.tokenizer().encode("w3 w96")).containsExactly(3, 96);
            assertThatThrownBy(() -> model.tokenizer().encode("w3 w97"))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("'w3 w97'", "ids 0 to 96", "97, w97");
            assertThatThrownBy(() -> model.nextLogits(new int[0], List.of(new int[] {97})))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("token id out of range", "97");
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "rms_norm_eps, `\"x\"`",
                "rms_norm_eps, -1e-6",
                "rope_theta, 0",
                "rope_scaling, `\"linear\"`",
                "rope_scaling, `[1]`",
                "rope_scaling, `{\"rope_type\":\"linear\"}`",
                "rope_scaling, `{\"rope_type\":7}`",
                "rope_scaling, `{\"rope_type\":\"linear\",\"factor\":\"2\"}`",
                "rope_scaling, `{\"rope_type\":\"default\",\"partial_rotary_factor\":\"half\"}`",
                "rope_scaling, `{\"rope_type\":\"yarn\",\"factor\":2,\"truncate\":3}`",
                "rope_scaling, `{\"rope_type\":\"yarn\",\"factor\":2,\"mscale\":\"1\",\"mscale_all_dim\":1}`"
            })
    void aValueOfAWrongTypeOrRangeIsRefusedAndNotReadAsSomethingElse(String key, String value) throws IOException {
        JsonNode wrong = JSON.readTree(value);
        config(json -> json.set(key, wrong));
        refused("expected", "correct config.json");
    }

    /** NaN compares with nothing, so it would be rank 1 everywhere. */
    /** Without a limit each of them was gone through, block by block, until memory was full. */
    @ParameterizedTest
    @CsvSource({"num_hidden_layers,2000000000", "num_hidden_layers,9000", "num_attention_heads,2000000000"})
    void moreBlocksOrHeadsThanAnyModelHasAreRefusedBeforeAnythingIsMadeOfThem(String key, int value)
            throws IOException {
        config(json -> json.put(key, value));
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> refused(key, String.valueOf(value)));
    }

    @Test
    void logitsThatAreNoNumbersAreNoResult() {
        rewrite(
                (name, values) -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] *= name.contains("mlp") ? 1e30f : 1;
                    }
                    return values;
                },
                null);
        try (LanguageModel model = LanguageModel.open(directory, LoadOptions.defaults())) {
            int[] none = {};
            List<int[]> prompts = List.of(new int[] {5, 7, 9});
            for (ThrowingCallable ask : List.<ThrowingCallable>of(
                    () -> model.nextLogits(none, prompts),
                    () -> model.allLogits(none, prompts.get(0)),
                    () -> model.logProbabilities(none, prompts, List.of(new int[] {3})),
                    () -> model.generate(none, prompts, 2, ids -> false))) {
                assertThatThrownBy(ask).isInstanceOf(BadInput.class).hasMessageContaining("not finite");
            }
        }
    }

    private void refused(String... parts) {
        assertThatThrownBy(() -> LanguageModel.open(directory, LoadOptions.defaults()))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(parts);
    }

    private void config(Consumer<ObjectNode> change) throws IOException {
        Path file = directory.resolve("config.json");
        ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(json);
        Files.writeString(file, json.toString());
    }

    private interface Change {
        float[] of(String name, float[] values);
    }

    private void rewrite(Change change, String more) {
        List<OutgoingTensor> tensors = new ArrayList<>();
        try (Checkpoint checkpoint = Checkpoint.open(LLAMA)) {
            checkpoint.tensors().forEach((name, info) -> {
                float[] values = new float[Math.toIntExact(info.elements())];
                ByteBuffer bytes = checkpoint.stored(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().get(values);
                float[] changed = change.of(name, values);
                if (changed != null) {
                    tensors.add(OutgoingTensor.float32(name, info.shape(), changed));
                }
            });
        }
        if (more != null) {
            tensors.add(OutgoingTensor.float32(more, List.of(8L), new float[8]));
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of(), tensors);
    }
}
