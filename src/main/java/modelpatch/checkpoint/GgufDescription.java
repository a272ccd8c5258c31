package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.family.Family;
import modelpatch.family.Part;

/**
 * The key-values that a Hugging Face configuration amounts to; {@link GgufArchitecture#config} is the inverse. (Source: the GGUF
 * specification's standard keys.)
 */
final class GgufDescription {
    private static final double DEFAULT_THETA = 10000;
    /** Of the block layouts: the one since Q8_0 has a half-precision scale. */
    private static final long QUANTISATION_VERSION = 2;

    private final Checkpoint base;
    private final JsonNode config;
    private final Family family;
    private final String architecture;
    private final Map<String, JsonNode> keyValues = new LinkedHashMap<>();

    private GgufDescription(Checkpoint base) {
        this.base = base;
        this.config = base.config();
        String modelType = config.path("model_type").asText();
        this.family = Optional.ofNullable(Family.known().get(modelType))
                .filter(GgufDescription::isWritten)
                .orElseThrow(() -> refuse(
                        "architecture without a GGUF form",
                        "a model_type among "
                                + Family.known().values().stream()
                                        .filter(GgufDescription::isWritten)
                                        .map(Family::modelType)
                                        .toList(),
                        "\"" + modelType + "\""));
        this.architecture = family.gguf().orElseThrow().architecture();
    }

    private static boolean isWritten(Family family) {
        return family.gguf().stream().anyMatch(form -> !form.readOnly());
    }

    /** @throws BadInput for a family or a rotary scaling that GGUF is not written for */
    static GgufDescription of(Checkpoint base) {
        GgufDescription description = new GgufDescription(base);
        description.describe();
        return description;
    }

    /** The row of the table that the checkpoint belongs to. */
    Family family() {
        return family;
    }

    String architecture() {
        return architecture;
    }

    Map<String, JsonNode> keyValues() {
        return keyValues;
    }

    /** Per rotary pair, {@code [dHead/2]}, by what its frequency is divided; empty where that is 1 or a key says it. */
    Optional<float[]> ropeFactors() {
        return type().equals("llama3")
                ? Optional.of(RopeScaling.factors(scaling(), theta(), (int) dHead()))
                : Optional.empty();
    }

    private void describe() {
        text("general.architecture", architecture);
        text("general.type", "model");
        text("general.name", base.name());
        whole("general.quantization_version", QUANTISATION_VERSION);
        own(
                "vocab_size",
                base.tensor(family.canonical(Part.EMBEDDING, "") + ".weight")
                        .shape()
                        .get(0));
        own("context_length", integer("max_position_embeddings"));
        own("embedding_length", integer("hidden_size"));
        own("block_count", integer("num_hidden_layers"));
        own("feed_forward_length", integer("intermediate_size"));
        own("attention.head_count", integer("num_attention_heads"));
        own("attention.head_count_kv", config.path("num_key_value_heads").asLong(integer("num_attention_heads")));
        own("attention.key_length", dHead());
        own("attention.value_length", dHead());
        own("rope.dimension_count", dHead());
        own("attention.layer_norm_rms_epsilon", config.path("rms_norm_eps").asDouble());
        own("rope.freq_base", theta());
        switch (type()) {
            case "default" -> {}
            case "linear" -> {
                text(architecture + ".rope.scaling.type", "linear");
                own("rope.scaling.factor", scaling().path("factor").asDouble());
            }
            case "llama3" -> {
                requireRoomForFactors();
                own("rope.scaling.original_context_length", RopeScaling.originalContext(scaling()));
            }
            default -> throw refuse("rotary scaling without a GGUF form", "default, linear or llama3", type());
        }
    }

    /** llama.cpp has the tensor of factors in llama alone. */
    private void requireRoomForFactors() {
        if (!architecture.equals("llama")) {
            throw refuse("rotary scaling without a GGUF form in " + architecture, "default or linear", type());
        }
        RopeScaling.requireUsual(scaling(), base.path().toString());
    }

    private JsonNode scaling() {
        JsonNode parameters = config.path("rope_parameters");
        return parameters.isObject() ? parameters : config.path("rope_scaling");
    }

    private String type() {
        return scaling().path("rope_type").asText(scaling().path("type").asText("default"));
    }

    private double theta() {
        return scaling().path("rope_theta").asDouble(config.path("rope_theta").asDouble(DEFAULT_THETA));
    }

    private long dHead() {
        return config.path("head_dim").asLong(integer("hidden_size") / Math.max(1, integer("num_attention_heads")));
    }

    private long integer(String key) {
        return config.path(key).asLong();
    }

    private void own(String key, long value) {
        whole(architecture + "." + key, value);
    }

    /** A float32 as the decimal that it will be read as. */
    private void own(String key, double value) {
        keyValues.put(architecture + "." + key, DoubleNode.valueOf(Double.parseDouble(Float.toString((float) value))));
    }

    private void whole(String key, long value) {
        keyValues.put(key, LongNode.valueOf(value));
    }

    private void text(String key, String value) {
        keyValues.put(key, TextNode.valueOf(value));
    }

    private BadInput refuse(String what, String expected, String found) {
        return new BadInput(
                what, base.path().toString(), expected, found, "export it as safetensors or ONNX (--format onnx)");
    }
}
