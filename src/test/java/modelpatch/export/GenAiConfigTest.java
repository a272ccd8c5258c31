package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.OnnxExport.Options;
import modelpatch.model.ConformanceFamilies;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GenAiConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What version 0.18 of the runtime takes for a decoder with keys and values in tensors of their own. (Source: its model_type.h.) */
    private static final Set<String> DECODERS = Set.of(
            "decoder", "gemma", "gemma2", "llama", "mistral", "olmo", "phi", "phi3", "qwen2", "qwen3", "smollm3");

    @TempDir
    Path directory;

    static Stream<String> families() {
        return ConformanceFamilies.names();
    }

    private Path export(Path base) {
        Path target = directory.resolve("out");
        try (Checkpoint checkpoint = Checkpoint.open(base)) {
            OnnxExport.writeUnproved(checkpoint, PatchStack.empty(), target, Options.defaults());
        }
        return target;
    }

    private static JsonNode genAi(Path exported) throws IOException {
        return JSON.readTree(exported.resolve("genai_config.json").toFile());
    }

    /** A conformance model in a directory of its own, so that files can be put beside it. */
    private Path copy(String family) throws IOException {
        Path base = Files.createDirectory(directory.resolve("base"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(ConformanceFamilies.path(family).resolve(file), base.resolve(file));
        }
        return base;
    }

    @ParameterizedTest
    @MethodSource("families")
    void namesAndSizesAreTheGraphs(String family) throws IOException {
        Path exported = export(ConformanceFamilies.path(family));
        JsonNode model = genAi(exported).path("model");
        JsonNode decoder = model.path("decoder");
        ModelProto graph = ModelProto.parseFrom(
                Files.readAllBytes(exported.resolve(decoder.path("filename").asText())));
        int layers = decoder.path("num_hidden_layers").asInt();
        assertThat(names(decoder.path("inputs"), layers))
                .containsExactlyInAnyOrderElementsOf(graph.getGraph().getInputList().stream()
                        .map(ValueInfoProto::getName)
                        .toList());
        assertThat(names(decoder.path("outputs"), layers))
                .containsExactlyInAnyOrderElementsOf(graph.getGraph().getOutputList().stream()
                        .map(ValueInfoProto::getName)
                        .toList());
        List<Dimension> cache = dimensions(graph, "present.0.key");
        assertThat(decoder.path("num_key_value_heads").asLong())
                .isEqualTo(cache.get(1).getDimValue());
        assertThat(decoder.path("head_size").asLong()).isEqualTo(cache.get(3).getDimValue());
        assertThat(model.path("vocab_size").asLong())
                .isEqualTo(dimensions(graph, "logits").get(2).getDimValue());
        assertThat(DECODERS).contains(model.path("type").asText());
    }

    private static List<String> names(JsonNode stated, int layers) {
        List<String> names = new ArrayList<>();
        for (JsonNode name : stated) {
            if (name.asText().contains("%d")) {
                for (int layer = 0; layer < layers; layer++) {
                    names.add(name.asText().replace("%d", String.valueOf(layer)));
                }
            } else {
                names.add(name.asText());
            }
        }
        return names;
    }

    private static List<Dimension> dimensions(ModelProto graph, String output) {
        return graph.getGraph().getOutputList().stream()
                .filter(value -> value.getName().equals(output))
                .findFirst()
                .orElseThrow()
                .getType()
                .getTensorType()
                .getShape()
                .getDimList();
    }

    @Test
    void tokensAndLengthsAreTheModelsAndDecodingIsGreedyWhereNothingElseIsSaid() throws IOException {
        JsonNode config = genAi(export(ConformanceFamilies.path("opt")));
        JsonNode model = config.path("model");
        assertThat(model.path("type").asText()).isEqualTo("decoder");
        assertThat(model.path("context_length").asInt()).isEqualTo(128);
        assertThat(model.path("bos_token_id").asInt()).isEqualTo(2);
        assertThat(model.path("eos_token_id").asInt()).isEqualTo(2);
        assertThat(model.path("pad_token_id").asInt()).isEqualTo(1);
        assertThat(config.path("search").path("do_sample").asBoolean(true)).isFalse();
        assertThat(config.path("search").path("max_length").asInt()).isEqualTo(128);
    }

    @Test
    void whatGenerationConfigSaysGoesBeforeWhatTheConfigurationSaysAndEveryEndCounts() throws IOException {
        Path base = copy("llama");
        Files.writeString(base.resolve("generation_config.json"), """
                {"eos_token_id": [7, 9], "do_sample": true, "temperature": 0.6, "top_p": 0.9, "max_length": 20, "top_k": null}""");
        JsonNode config = genAi(export(base));
        assertThat(config.path("model").path("eos_token_id")).hasToString("[7,9,2]");
        assertThat(config.path("model").path("bos_token_id").asInt()).isEqualTo(1);
        assertThat(config.path("search").path("do_sample").asBoolean()).isTrue();
        assertThat(config.path("search").path("temperature").asDouble()).isEqualTo(0.6);
        assertThat(config.path("search").path("top_p").asDouble()).isEqualTo(0.9);
        assertThat(config.path("search").has("top_k")).isFalse();
        assertThat(config.path("search").path("max_length").asInt()).isEqualTo(128);
    }

    @Test
    void paddingIsTheEndWhereTheModelHasNone() throws IOException {
        Path base = copy("llama");
        removeFromConfig(base, "pad_token_id");
        assertThat(genAi(export(base)).path("model").path("pad_token_id").asInt())
                .isEqualTo(2);
    }

    @Test
    void aModelWithoutAnEndGetsNoFileBecauseItWouldEndAtTokenZero() throws IOException {
        Path base = copy("llama");
        removeFromConfig(base, "eos_token_id");
        Path exported = export(base);
        assertThat(exported.resolve("model.onnx")).exists();
        assertThat(exported.resolve("genai_config.json")).doesNotExist();
    }

    private static void removeFromConfig(Path base, String removed) throws IOException {
        Path file = base.resolve("config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        config.remove(removed);
        Files.writeString(file, config.toString());
    }

    @Test
    void theDescriptionOfAnotherGraphIsNotTakenOver() throws IOException {
        Path base = copy("llama");
        Files.writeString(base.resolve("genai_config.json"), "{\"model\": {\"type\": \"whisper\"}}");
        assertThat(genAi(export(base)).path("model").path("type").asText()).isEqualTo("llama");
    }

    @Test
    void theDescriptionOfAnOnnxFileGoesWithThatFileAlone() throws IOException {
        Path base = copy("llama");
        Path model = Files.createDirectory(directory.resolve("model"));
        Files.writeString(model.resolve("genai_config.json"), "{}");
        Files.writeString(base.resolve("genai_config.json"), "{}");
        Path patched = Files.createDirectory(directory.resolve("patched"));
        Path merged = Files.createDirectory(directory.resolve("merged"));
        try (Checkpoint checkpoint = Checkpoint.open(base)) {
            new Companions(checkpoint).copyFrom(model, patched);
            new Companions(checkpoint).copy(merged);
        }
        assertThat(patched.resolve("genai_config.json")).exists();
        assertThat(merged.resolve("genai_config.json")).doesNotExist();
    }
}
