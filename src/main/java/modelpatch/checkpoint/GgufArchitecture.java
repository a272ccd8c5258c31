package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
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
            "context_length",
            "embedding_length",
            "block_count",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "attention.value_length",
            "attention.layer_norm_rms_epsilon",
            "attention.sliding_window",
            "rope.dimension_count",
            "rope.freq_base",
            "rope.scale_linear",
            "rope.scaling.type",
            "rope.scaling.factor",
            "rope.scaling.original_context_length",
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
        metadata.requireOnly("rope.dimension_count", dHead);
        metadata.requireOnly("rope.scale_linear", 1);
        metadata.requireOnly("expert_count", 0);
        metadata.requireOnly("attention.sliding_window", 0);
        metadata.requireKeysAmong(KEYS);
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
     * The order of a tensor's rows where it is not that of its shape: queries and keys of the llama family.
     *
     * @param shape {@code [heads * dHead, in]} or {@code [heads * dHead]}
     */
    Optional<RowOrder> rowOrder(String huggingFaceName, List<Long> shape) {
        Optional<String> stem = names.gguf(huggingFaceName).map(name -> name.replaceAll("^blk\\.\\d+\\.|\\.\\w+$", ""));
        boolean query = stem.equals(Optional.of(Part.QUERY.gguf()));
        if (!form.permuted() || !(query || stem.equals(Optional.of(Part.KEY.gguf())))) {
            return Optional.empty();
        }
        long rows = (query ? heads : keyValueHeads) * dHead;
        if (shape.isEmpty() || shape.get(0) != rows) {
            throw metadata.refuse(
                    "wrong shape of " + huggingFaceName,
                    rows + " rows, as many as the heads ask for",
                    shape.toString());
        }
        return Optional.of(new RowOrder((int) dHead));
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
        config.put(key(Setting.D_MODEL), metadata.positive("embedding_length"));
        config.put(key(Setting.D_MLP), metadata.positive("feed_forward_length"));
        config.put(key(Setting.N_LAYERS), metadata.positive("block_count"));
        config.put(key(Setting.N_HEADS), heads);
        config.put(key(Setting.N_KEY_VALUE_HEADS), keyValueHeads);
        config.put(key(Setting.D_HEAD), dHead);
        config.put(key(Setting.ACTIVATION), "silu");
        config.put(key(Setting.N_CTX), metadata.positive("context_length"));
        config.put(key(Setting.NORM_EPSILON), metadata.number("attention.layer_norm_rms_epsilon"));
        config.put(key(Setting.D_VOCAB), embedding.shape().get(0));
        config.put(key(Setting.TIED), !tensors.containsKey(family.canonical(Part.UNEMBEDDING, "") + ".weight"));
        config.put("attention_bias", hasBias(tensors, Part.OUTPUT));
        config.put("mlp_bias", hasBias(tensors, Part.MLP_OUT));
        config.put(key(Setting.ROTARY_THETA), metadata.numberOr("rope.freq_base", 10000));
        RopeScaling.of(metadata, ropeFactors, dHead).ifPresent(scaling -> config.set("rope_scaling", scaling));
        metadata.token("bos").ifPresent(id -> config.put("bos_token_id", id));
        metadata.token("eos").ifPresent(id -> config.put("eos_token_id", id));
        return config;
    }

    private String key(Setting setting) {
        return family.key(setting).orElseThrow();
    }

    private boolean hasBias(SortedMap<String, TensorInfo> tensors, Part part) {
        return tensors.containsKey(family.canonical(part, "0") + ".bias");
    }
}
