package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models as engineers have them on disk: each gives the right numbers or says plainly what is in the way. */
class BroughtModelTest {
    private static final Path TIED = Path.of("src/test/resources/conformance/qwen2");
    private static final Path UNTIED = Path.of("src/test/resources/conformance/llama_mha_untied");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int[] IDS = {3, 17, 42, 5};

    @TempDir
    Path directory;

    private static float[][] logits(Path model) {
        try (LanguageModel opened = LanguageModel.open(model, LoadOptions.defaults())) {
            return opened.allLogits(new int[0], IDS);
        }
    }

    /** A copy of a checkpoint with other names, a further tensor, or another configuration. */
    private Path copy(
            Path source, UnaryOperator<String> names, List<OutgoingTensor> further, Consumer<ObjectNode> configuration)
            throws IOException {
        Path target = Files.createDirectories(directory.resolve("model"));
        List<OutgoingTensor> tensors = new ArrayList<>(further);
        try (Checkpoint base = Checkpoint.open(source)) {
            base.tensors()
                    .values()
                    .forEach(info -> tensors.add(
                            OutgoingTensor.float32(names.apply(info.name()), info.shape(), floats(base, info.name()))));
        }
        SafetensorsWriter.write(target.resolve("model.safetensors"), Map.of(), tensors);
        ObjectNode config =
                (ObjectNode) JSON.readTree(source.resolve("config.json").toFile());
        configuration.accept(config);
        Files.writeString(target.resolve("config.json"), config.toString());
        return target;
    }

    private static float[] floats(Checkpoint base, String name) {
        FloatBuffer buffer = FloatBuffer.allocate((int) base.tensor(name).elements());
        base.readFloat32(name, buffer);
        return buffer.array();
    }

    @Test
    void aModelCalledTiedWithAnotherUnembeddingStoredAnswersByTheStoredOne() throws IOException {
        Path tied = copy(UNTIED, name -> name, List.of(), config -> config.put("tie_word_embeddings", true));
        assertThat(logits(tied)).isDeepEqualTo(logits(UNTIED));
    }

    @Test
    void aStoredCopyOfATiedEmbeddingChangesNothing() throws IOException {
        try (Checkpoint base = Checkpoint.open(TIED)) {
            assertThat(base.config().path("tie_word_embeddings").asBoolean()).isTrue();
            String embedding = "model.embed_tokens.weight";
            OutgoingTensor head = OutgoingTensor.float32(
                    "lm_head.weight", base.tensor(embedding).shape(), floats(base, embedding));
            Path copied = copy(TIED, name -> name, List.of(head), config -> {});
            assertThat(logits(copied)).isDeepEqualTo(logits(TIED));
        }
    }

    @ParameterizedTest
    @CsvSource({"language_model.model., language_model.lm_head.", "model.language_model., lm_head."})
    void theTextPartOfAModelForImagesTooIsRead(String prefix, String head) throws IOException {
        OutgoingTensor vision = OutgoingTensor.float32("vision_tower.patch.weight", List.of(2L), new float[] {1, 2});
        Path nested = copy(
                UNTIED,
                name -> name.startsWith("model.")
                        ? prefix + name.substring("model.".length())
                        : head + name.substring("lm_head.".length()),
                List.of(vision),
                config -> {
                    ObjectNode text = config.deepCopy();
                    config.removeAll();
                    config.put("model_type", "llava").put("image_token_index", 7);
                    config.set("text_config", text);
                    config.putObject("vision_config").put("hidden_size", 4);
                });
        assertThat(logits(nested)).isDeepEqualTo(logits(UNTIED));
    }

    @Test
    void shardsWithoutTheirIndexAreJoinedByTheirNames() throws IOException {
        Path shards = Files.createDirectories(directory.resolve("shards"));
        Files.copy(UNTIED.resolve("config.json"), shards.resolve("config.json"));
        List<OutgoingTensor> first = new ArrayList<>();
        List<OutgoingTensor> second = new ArrayList<>();
        try (Checkpoint base = Checkpoint.open(UNTIED)) {
            base.tensors()
                    .values()
                    .forEach(info -> (first.size() > second.size() ? second : first)
                            .add(OutgoingTensor.float32(info.name(), info.shape(), floats(base, info.name()))));
        }
        SafetensorsWriter.write(shards.resolve("model-00001-of-00002.safetensors"), Map.of(), first);
        refused(shards, "missing shards", "1 without model-00002-of-00002.safetensors");
        SafetensorsWriter.write(shards.resolve("model-00002-of-00002.safetensors"), Map.of(), second);
        assertThat(logits(shards)).isDeepEqualTo(logits(UNTIED));
    }

    @Test
    void aFolderOfAHubsCacheStandsForItsSnapshot() throws IOException {
        Path snapshot = Files.createDirectories(directory.resolve("models--o--m/snapshots/abc123"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(UNTIED.resolve(file), snapshot.resolve(file));
        }
        Path folder = directory.resolve("models--o--m");
        assertThat(logits(folder)).isDeepEqualTo(logits(UNTIED));
        Files.createDirectories(folder.resolve("snapshots/def456"));
        refused(folder, "which snapshot", "2 folders");
        Files.createDirectories(folder.resolve("refs"));
        Files.writeString(folder.resolve("refs/main"), "abc123\n");
        assertThat(logits(folder)).isDeepEqualTo(logits(UNTIED));
    }

    @Test
    void anAdapterIsSentToTheCommandThatTakesOne() throws IOException {
        Files.writeString(directory.resolve("adapter_config.json"), "{}");
        refused(directory, "an adapter, not a model", "patch import --lora");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4}} | quantised by gptq; bring the original",
                "{\"quantization_config\":{\"load_in_4bit\":true}} | quantised by bitsandbytes",
                "{\"model_type\":\"mamba\",\"state_size\":16} | with a state space or recurrence, which has no attention to patch",
                "{\"model_type\":\"grok\",\"num_local_experts\":8} | \"grok\", with experts",
                "{\"model_type\":\"t5\",\"d_kv\":64} | an encoder beside the decoder",
                "{\"model_type\":\"minicpm3\",\"kv_lora_rank\":256} | latent attention",
            })
    void whatIsMissingIsNamed(String changes, String said) throws IOException {
        Path model = copy(UNTIED, name -> name, List.of(), config -> {
            try {
                config.setAll((ObjectNode) JSON.readTree(changes));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        refused(model, said);
    }

    @ParameterizedTest
    @CsvSource({
        "unsloth_version, \"2025.1\"",
        "use_mrope, false",
        "full_attn_mod, 0",
        "activation_dropout, 0.1",
        "id2label, '{\"0\":\"LABEL_0\"}'",
        "some_new_switch, null",
        "another_one, []",
        "torchscript, true",
        "seed_token_id, 7",
    })
    void keysThatCannotChangeANumberAreNoObstacle(String key, String value) throws IOException {
        Path model = copy(UNTIED, name -> name, List.of(), config -> {
            try {
                config.set(key, JSON.readTree(value));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(logits(model)).isDeepEqualTo(logits(UNTIED));
    }

    private static void refused(Path model, String... parts) {
        assertThatThrownBy(() -> logits(model)).isInstanceOf(BadInput.class).hasMessageContainingAll(parts);
    }
}
