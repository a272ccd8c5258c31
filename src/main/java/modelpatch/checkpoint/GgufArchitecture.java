package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.family.Family;
import modelpatch.family.GgufForm;
import modelpatch.family.Part;
import modelpatch.family.Setting;

/**
 * One family of GGUF models: which configuration its metadata amounts to, and where it keeps rows. {@link GgufDescription} is the inverse.
 * (Sources: the GGUF specification's standard keys; the configuration classes of Hugging Face transformers.)
 */
final class GgufArchitecture {
    /** Not a weight: per rotary pair, by what its frequency is divided; becomes part of the configuration. */
    static final String ROPE_FACTORS = "rope_freqs.weight";

    /** Every key that is read or checked here, or says nothing about the numbers; any other is a switch nobody here knows. */
    private static final Set<String> KEYS = Set.of(
            "vocab_size",
            "attention.value_length",
            "attention.sliding_window",
            "attention.sliding_window_pattern",
            "rope.dimension_count",
            "rope.scale_linear",
            "rope.scaling.type",
            "rope.scaling.factor",
            "rope.scaling.original_context_length",
            "rope.scaling.attn_factor",
            "rope.scaling.finetuned",
            "expert_count",
            "expert_used_count",
            "tensor_data_layout");

    private final Family family;
    private final GgufForm form;
    private final GgufNames names;
    private final GgufMetadata metadata;
    private final long heads;
    private final long keyValueHeads;
    private final long dHead;

    private GgufArchitecture(Family family, GgufMetadata metadata) {
        this.family = family;
        this.form = family.gguf().orElseThrow();
        this.names = new GgufNames(family);
        this.metadata = metadata;
        this.heads = metadata.positive("attention.head_count");
        this.keyValueHeads = metadata.positiveOr("attention.head_count_kv", heads);
        this.dHead = metadata.positiveOr("attention.key_length", metadata.positive("embedding_length") / heads);
        if (dHead < 2 || dHead % 2 != 0 || dHead > Integer.MAX_VALUE || heads % keyValueHeads != 0) {
            throw metadata.refuse(
                    "impossible heads",
                    "an even number of dimensions per head, query heads a multiple of key-value heads",
                    heads + " heads, " + keyValueHeads + " key-value heads, " + dHead + " dimensions each");
        }
        metadata.requireOnly("attention.value_length", dHead);
        if (family.key(Setting.ROTARY_FRACTION).isEmpty()) {
            metadata.requireOnly("rope.dimension_count", dHead);
        }
        metadata.requireOnly("rope.scale_linear", 1);
        metadata.requireOnly("expert_count", 0);
        if (family.key(Setting.WINDOW).isEmpty()) {
            metadata.requireOnly("attention.sliding_window", 0);
        }
        metadata.requireKeysAmong(Stream.concat(
                        KEYS.stream(), family.settings().keySet().stream().flatMap(setting -> setting.gguf().stream()))
                .collect(Collectors.toUnmodifiableSet()));
    }

    static GgufArchitecture of(Path file, Map<String, JsonNode> metadata) {
        JsonNode stated = metadata.get("general.architecture");
        String name = stated == null ? "none" : stated.asText();
        Family family = Family.ofGguf(name)
                .orElseThrow(
                        () -> new BadInput(
                                "unsupported architecture",
                                "general.architecture of " + file,
                                "one of " + Family.ggufArchitectures(),
                                name,
                                "its tensor names, row orders and switches are not known for GGUF; use the model's safetensors checkpoint"));
        return new GgufArchitecture(family, new GgufMetadata(file, name, metadata));
    }

    /** @throws BadInput for a tensor that this architecture does not have, because leaving it out would give wrong numbers */
    String huggingFaceName(String tensor) {
        if (tensor.equals(ROPE_FACTORS)) {
            return ROPE_FACTORS;
        }
        return names.huggingFace(tensor)
                .orElseThrow(() -> metadata.refuse("unknown tensor", "the tensors of " + form.architecture(), tensor));
    }

    /**
     * How a tensor is stored where it is not as its shape and name say: rows of queries and keys of the llama family, gains of Gemma's norms.
     *
     * @param shape as in the file
     */
    Optional<StoredForm> storedForm(String huggingFaceName, List<Long> shape) {
        Optional<Part> part = names.part(huggingFaceName);
        boolean isNorm = part.stream().anyMatch(Part::isNorm);
        if (isNorm && form.wholeGains() && huggingFaceName.endsWith(".weight")) {
            return Optional.of(StoredForm.shifted(1));
        }
        boolean query = part.equals(Optional.of(Part.QUERY));
        if (!form.permuted() || !(query || part.equals(Optional.of(Part.KEY)))) {
            return Optional.empty();
        }
        long rows = (query ? heads : keyValueHeads) * dHead;
        if (shape.isEmpty() || shape.get(0) != rows) {
            throw metadata.refuse(
                    "wrong shape of " + huggingFaceName,
                    rows + " rows, as many as the heads ask for",
                    shape.toString());
        }
        return Optional.of(StoredForm.rows((int) dHead));
    }

    /** The Hugging Face style configuration. */
    ObjectNode config(SortedMap<String, TensorInfo> tensors, Optional<float[]> ropeFactors) {
        TensorInfo embedding = tensors.get(family.canonical(Part.EMBEDDING, "") + ".weight");
        if (embedding == null || embedding.shape().size() != 2) {
            throw metadata.refuse("no embedding", "token_embd.weight [d_vocab, d_model]", String.valueOf(embedding));
        }
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.put("model_type", family.modelType());
        config.putArray("architectures").add(family.implementation());
        for (Setting setting : List.of(Setting.D_MODEL, Setting.D_MLP, Setting.N_LAYERS, Setting.N_CTX)) {
            config.put(key(setting), metadata.positive(setting.gguf().orElseThrow()));
        }
        config.put(key(Setting.N_HEADS), heads);
        config.put(key(Setting.N_KEY_VALUE_HEADS), keyValueHeads);
        config.put(key(Setting.D_HEAD), dHead);
        config.set(
                key(Setting.ACTIVATION),
                family.settings().get(Setting.ACTIVATION).absent().orElseThrow());
        config.put(
                key(Setting.NORM_EPSILON),
                metadata.number(Setting.NORM_EPSILON.gguf().orElseThrow()));
        config.put(key(Setting.D_VOCAB), embedding.shape().get(0));
        config.put(key(Setting.TIED), !tensors.containsKey(family.canonical(Part.UNEMBEDDING, "") + ".weight"));
        config.put("attention_bias", hasBias(tensors, Part.OUTPUT) || hasBias(tensors, Part.QUERY));
        config.put("mlp_bias", hasBias(tensors, Part.MLP_OUT));
        config.put(
                key(Setting.ROTARY_THETA),
                metadata.numberOr(Setting.ROTARY_THETA.gguf().orElseThrow(), 10000));
        windows(config);
        for (Setting setting : List.of(Setting.ATTENTION_CAP, Setting.FINAL_CAP, Setting.LOCAL_THETA)) {
            family.key(setting)
                    .filter(key -> metadata.has(setting.gguf().orElseThrow()))
                    .ifPresent(key ->
                            config.put(key, metadata.number(setting.gguf().orElseThrow())));
        }
        family.key(Setting.ATTENTION_SCALAR).ifPresent(key -> config.put(key, attentionScalar()));
        if (metadata.has("rope.dimension_count")) {
            family.key(Setting.ROTARY_FRACTION)
                    .ifPresent(key -> config.put(key, (double) metadata.positive("rope.dimension_count") / dHead));
        }
        RopeScaling.of(metadata, ropeFactors, dHead).ifPresent(scaling -> config.set("rope_scaling", scaling));
        metadata.token("bos").ifPresent(id -> config.put("bos_token_id", id));
        metadata.token("eos").ifPresent(id -> config.put("eos_token_id", id));
        return config;
    }

    /** A window is in every layer, or in all but every n-th; newer files say so, by a number or layer by layer. */
    private void windows(ObjectNode config) {
        Optional<String> key = family.key(Setting.WINDOW);
        if (key.isEmpty()) {
            return;
        }
        if (!metadata.has("attention.sliding_window")) {
            if (family.gguf().stream().anyMatch(GgufForm::wholeGains)) {
                return; // the class's own window
            }
            config.putNull(key.get());
            return;
        }
        config.put(key.get(), metadata.positive("attention.sliding_window"));
        family.key(Setting.USES_WINDOW).ifPresent(uses -> config.put(uses, true));
        metadata.value("attention.sliding_window_pattern").ifPresent(pattern -> {
            if (pattern.isArray()) {
                ArrayNode types =
                        config.putArray(family.key(Setting.LAYER_TYPES).orElse("layer_types"));
                pattern.forEach(slides -> types.add(slides.asBoolean() ? "sliding_attention" : "full_attention"));
            } else {
                family.key(Setting.WINDOW_PERIOD).ifPresent(period -> config.set(period, pattern));
            }
        });
    }

    /** The file does not say it; llama.cpp knows the one size that differs by its number of layers. */
    private long attentionScalar() {
        boolean byWidth = form.scalarByWidthAt() == metadata.positive("block_count");
        return byWidth ? metadata.positive("embedding_length") / heads : dHead;
    }

    private String key(Setting setting) {
        return family.key(setting).orElseThrow();
    }

    private boolean hasBias(SortedMap<String, TensorInfo> tensors, Part part) {
        return tensors.containsKey(family.canonical(part, "0") + ".bias");
    }
}
