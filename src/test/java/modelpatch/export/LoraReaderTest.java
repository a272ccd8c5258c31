package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters as PEFT saves them, and as people change them. */
class LoraReaderTest {
    private static final Path ADAPTERS = Path.of("src", "test", "resources", "adapters");
    private static final Path BASE = ADAPTERS.resolve("base");
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Float32 sums in another order over two blocks of 16: 1e-6 of logits around 1. */
    private static final double ROUNDING = 2e-5;

    @TempDir
    Path directory;

    private static WeightPatch read(Path adapter) {
        try (Checkpoint base = Checkpoint.open(BASE)) {
            return LoraReader.read(adapter, base, "Ada", "test", TIME);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"patterns", "stabilised", "all_linear", "one_layer", "saved_embeddings"})
    void theBaseWithAnAdapterGivesTheLogitsOfPeft(String adapter) throws IOException {
        JsonNode golden = JSON.readTree(ADAPTERS.resolve("golden.json").toFile());
        int[] ids = JSON.convertValue(golden.get("ids"), int[].class);
        double[][] expected = JSON.convertValue(golden.get("logits").get(adapter), double[][].class);
        try (LanguageModel base = LanguageModel.open(BASE, LoadOptions.defaults());
                LanguageModel patched = base.with(
                        PatchStack.of(List.of(read(ADAPTERS.resolve(adapter)))).weights(base.checkpoint()))) {
            float[][] found = patched.allLogits(new int[0], ids);
            for (int position = 0; position < ids.length; position++) {
                for (int token = 0; token < found[position].length; token++) {
                    assertThat((double) found[position][token])
                            .as("%d, %d", position, token)
                            .isCloseTo(expected[position][token], within(ROUNDING));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "trained_head, modules_to_save",
        "embedding, factors of the token embedding",
        "tokens, trainable_token_indices",
        "biases, lora_bias",
        "dora, use_dora"
    })
    void whatPeftTrainsBesideFactorsOfLinearLayersIsRefusedByName(String adapter, String named) {
        assertThatThrownBy(() -> read(ADAPTERS.resolve(adapter)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("more than a LoRA")
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource({
        "trained_head, lm_head.weight: a whole weight",
        "tokens, token_adapter",
        "biases, lora_B.bias",
        "dora, lora_magnitude_vector"
    })
    void itIsRefusedByItsTensorsTooWhereTheConfigurationSaysNothing(String adapter, String named) throws IOException {
        Path copy = copy(adapter);
        ObjectNode config = config(copy);
        config.remove(List.of("modules_to_save", "trainable_token_indices", "lora_bias", "use_dora"));
        write(copy, config);
        assertThatThrownBy(() -> read(copy))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("more than a LoRA")
                .hasMessageContaining(named);
    }

    // ---- keys of the configuration

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"peft_type\": \"IA3\"",
                "\"bias\": \"lora_only\"",
                "\"init_lora_weights\": \"pissa\"",
                "\"init_lora_weights\": \"pissa_niter_4\"",
                "\"init_lora_weights\": \"olora\"",
                "\"init_lora_weights\": \"corda\"",
                "\"init_lora_weights\": \"loftq\"",
                "\"init_lora_weights\": \"lora_ga\"",
                "\"init_lora_weights\": \"something new\"",
                "\"alora_invocation_tokens\": [5, 6]",
                "\"alora_invocation_tokens\": []",
                "\"arrow_config\": {\"top_k\": 3}",
                "\"enable_lora\": [true, false, true]",
                "\"kasa_config\": {\"beta\": 0.0001}",
                "\"layer_replication\": [[0, 2], [1, 2]]",
                "\"lora_bias\": true",
                "\"megatron_config\": {\"tensor_model_parallel_size\": 2}",
                "\"modules_to_save\": [\"lm_head\"]",
                "\"target_parameters\": [\"mlp.experts.down_proj\"]",
                "\"trainable_token_indices\": {\"embed_tokens\": [5]}",
                "\"use_bdlora\": {\"nblocks\": 2}",
                "\"use_dora\": true",
                "\"use_qalora\": true"
            })
    void aKeyThatMakesItMoreThanALoraIsNamed(String entry) throws IOException {
        assertThatThrownBy(() -> read(with(entry)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("more than a LoRA")
                .hasMessageContaining(entry.substring(1, entry.indexOf('"', 1)) + " = ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"init_lora_weights\": false",
                "\"init_lora_weights\": null",
                "\"init_lora_weights\": \"gaussian\"",
                "\"init_lora_weights\": \"eva\", \"eva_config\": {\"rho\": 2.0}",
                "\"init_lora_weights\": \"orthogonal\"",
                "\"init_lora_weights\": \"mica\"",
                "\"auto_mapping\": {\"base_model_class\": \"LlamaForCausalLM\"}",
                "\"corda_config\": {\"corda_method\": \"ipm\"}",
                "\"ensure_weight_tying\": true",
                "\"fan_in_fan_out\": true",
                "\"inference_mode\": false",
                "\"loftq_config\": {\"loftq_bits\": 4}",
                "\"lora_dropout\": 0.05",
                "\"lora_ga_config\": {\"scale\": \"stable\"}",
                "\"megatron_core\": \"megatron.core\"",
                "\"merge_weights\": true",
                "\"monteclora_config\": {\"num_samples\": 8}",
                "\"peft_version\": \"0.99\"",
                "\"qalora_group_size\": 32",
                "\"revision\": \"main\"",
                "\"runtime_config\": {\"ephemeral_gpu_offload\": true}",
                "\"task_type\": null",
                "\"velora_config\": {\"num_groups\": 64}",
                "\"enable_lora\": null",
                "\"of_next_year\": null",
                "\"of_next_year\": false"
            })
    void aKeyWithoutEffectOnTheWeightsChangesNothing(String entry) throws IOException {
        assertThat(read(with(entry)).deltas())
                .isEqualTo(read(ADAPTERS.resolve("patterns")).deltas());
    }

    @Test
    void aKeyThatIsNotKnownAndNotOffIsRefusedByName() throws IOException {
        Path adapter = with("\"of_next_year\": {\"a\": 1}");
        assertThatThrownBy(() -> read(adapter))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("not known here")
                .hasMessageContaining("of_next_year = {\"a\":1}");
    }

    @Test
    void numbersThatAreNoneAreRefused() {
        for (String entry : List.of("\"r\": \"2\"", "\"lora_alpha\": null", "\"use_rslora\": \"yes\"")) {
            assertThatThrownBy(() -> read(with(entry)))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("wrong value");
        }
    }

    @Test
    void theRankIsThatOfTheTensors() {
        assertThatThrownBy(() -> read(with("\"r\": 4")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("stated rank")
                .hasMessageContaining("r = 4");
        assertThatThrownBy(() -> read(with("\"rank_pattern\": {}")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("r = 2")
                .hasMessageContaining("[3, 16]");
    }

    // ---- which modules

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"target_modules\": [\"q_proj\", \"self_attn.o_proj\", \"mlp.down_proj\"]", // not lm_head
                "\"target_modules\": [\"proj\", \"lm_head\"]", // not the end behind a dot
                "\"target_modules\": \"all-linear\"",
                "\"target_modules\": \".*(q|o|down)_proj\"",
                "\"exclude_modules\": [\"1.self_attn.o_proj\"]",
                "\"exclude_modules\": \".*layers.1.*\"",
                "\"layers_to_transform\": [0]",
                "\"layers_to_transform\": 1",
                "\"layers_to_transform\": [0, 1], \"layers_pattern\": \"blocks\""
            })
    void factorsThatTheConfigurationLeavesOutAreNotTakenIn(String entry) {
        assertThatThrownBy(() -> read(with(entry)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("does not target");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"target_modules\": null",
                "\"target_modules\": \".*_proj|lm_head\"",
                "\"target_modules\": \"^(?!.*gate).*(_proj|lm_head)$\"",
                "\"target_modules\": [\"model.layers.0.self_attn.q_proj\", \"1.self_attn.q_proj\", \"o_proj\", \"down_proj\", \"lm_head\"]",
                "\"exclude_modules\": []",
                "\"exclude_modules\": [\"head\"]",
                "\"layers_to_transform\": []"
            })
    void theSameModulesCanBeNamedInManyWays(String entry) throws IOException {
        assertThat(read(with(entry)).deltas())
                .isEqualTo(read(ADAPTERS.resolve("patterns")).deltas());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"target_modules\": \"(([a-z.0-9_]+)+)+!\"", "\"rank_pattern\": {\"(([a-z.0-9_]+)+)+!\": 3}"})
    void anExpressionThatTakesTooLongIsGivenUp(String entry) {
        assertThatThrownBy(() -> read(with(entry)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("regular expression that takes too long");
    }

    @Test
    void whatIsNoExpressionIsRefusedWithItsKey() {
        assertThatThrownBy(() -> read(with("\"target_modules\": \"(q_proj\"")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("target_modules")
                .hasMessageContaining("cannot be read");
        String nested = "(".repeat(100_000) + ")".repeat(100_000);
        assertThatThrownBy(() -> read(with("\"target_modules\": \"" + nested + "\"")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("target_modules: regular expression that cannot be read")
                .hasMessageContaining("Stack overflow");
    }

    // ---- the files

    @Test
    void anAdapterOfATiedUnembeddingIsRefusedWithWhatToDo() throws IOException {
        Path tied = Files.createDirectories(directory.resolve("tied"));
        ObjectNode config =
                (ObjectNode) JSON.readTree(BASE.resolve("config.json").toFile());
        JSON.writeValue(tied.resolve("config.json").toFile(), config.put("tie_word_embeddings", true));
        try (Checkpoint base = Checkpoint.open(BASE)) {
            List<OutgoingTensor> tensors = new TreeSet<>(base.tensors().keySet())
                    .stream()
                            .filter(name -> !name.startsWith("lm_head"))
                            .map(name -> OutgoingTensor.float32(
                                    name, base.tensor(name).shape(), values(base, name)))
                            .toList();
            SafetensorsWriter.write(tied.resolve("model.safetensors"), Map.of(), tensors);
        }
        try (Checkpoint base = Checkpoint.open(tied)) {
            assertThatThrownBy(() -> LoraReader.read(ADAPTERS.resolve("patterns"), base, "Ada", "test", TIME))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("tied unembedding")
                    .hasMessageContaining("tie_word_embeddings = false");
        }
    }

    @Test
    void anUnembeddingsChangeIsWrittenAsAnAdapterAndReadBack() throws IOException {
        try (Checkpoint base = Checkpoint.open(BASE)) {
            WeightPatch patch = read(ADAPTERS.resolve("patterns"));
            assertThat(patch.tensors()).anyMatch(tensor -> tensor.name().equals("lm_head.weight"));
            Path written = directory.resolve("written");
            LoraAdapter.write(base, PatchStack.of(List.of(patch)), written);
            assertThat(config(written).get("target_modules").toString()).contains("\"lm_head\"");
            assertThat(read(written).deltas()).isEqualTo(patch.deltas());
        }
    }

    @Test
    void weightsInAnotherFileAreAskedForInSafetensors() throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("pickled"));
        Files.copy(ADAPTERS.resolve("patterns/adapter_config.json"), adapter.resolve("adapter_config.json"));
        Files.writeString(adapter.resolve("adapter_model.bin"), "");
        assertThatThrownBy(() -> read(adapter))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("adapter_model.bin")
                .hasMessageContaining("safe_serialization");
    }

    /** As in a checkpoint of a mixture, whose experts lie in one tensor. */
    @Test
    void factorsOfATensorThatIsNoLinearLayerAreToldFromThoseOfAnotherModel() throws IOException {
        Path adapter = copy("patterns");
        add(adapter, "model.layers.0.input_layernorm.lora_A.weight");
        assertThatThrownBy(() -> read(adapter))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("more than a LoRA")
                .hasMessageContaining("does not take for a linear layer");
        Path other = copy("patterns");
        add(other, "model.layers.7.mlp.down_proj.lora_A.weight");
        assertThatThrownBy(() -> read(other))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("does not fit the model");
    }

    @Test
    void leftoversOfTrainingAreNotAskedFor() throws IOException {
        Path adapter = copy("patterns");
        add(adapter, "model.layers.0.self_attn.q_proj.lora_velora_embed");
        assertThatCode(() -> read(adapter)).doesNotThrowAnyException();
    }

    private static void add(Path adapter, String tensor) throws IOException {
        try (Checkpoint given = Checkpoint.open(ADAPTERS.resolve("patterns/adapter_model.safetensors"))) {
            List<OutgoingTensor> tensors = new ArrayList<>(given.tensors().keySet().stream()
                    .map(name -> OutgoingTensor.float32(name, given.tensor(name).shape(), values(given, name)))
                    .toList());
            tensors.add(OutgoingTensor.float32("base_model.model." + tensor, List.of(4L), new float[4]));
            SafetensorsWriter.write(adapter.resolve("adapter_model.safetensors"), Map.of(), tensors);
        }
    }

    private static float[] values(Checkpoint checkpoint, String tensor) {
        float[] values = new float[(int) checkpoint.tensor(tensor).elements()];
        checkpoint.readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    private Path copy(String adapter) throws IOException {
        Path copy = Files.createTempDirectory(directory, adapter);
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(ADAPTERS.resolve(adapter).resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private static ObjectNode config(Path adapter) throws IOException {
        return (ObjectNode) JSON.readTree(adapter.resolve("adapter_config.json").toFile());
    }

    private static void write(Path adapter, JsonNode config) throws IOException {
        JSON.writeValue(adapter.resolve("adapter_config.json").toFile(), config);
    }

    /** The adapter "patterns" with other entries in its configuration. */
    private Path with(String entries) throws IOException {
        Path copy = copy("patterns");
        ObjectNode config = config(copy);
        config.setAll((ObjectNode) JSON.readTree("{" + entries + "}"));
        write(copy, config);
        return copy;
    }
}
