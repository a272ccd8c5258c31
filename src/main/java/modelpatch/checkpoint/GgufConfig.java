package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.family.Family;
import modelpatch.family.GgufForm;
import modelpatch.family.Keys;
import modelpatch.family.Part;
import modelpatch.family.Setting;
import modelpatch.family.Switches.NormKind;
import modelpatch.family.Switches.RotaryKind;

/**
 * The Hugging Face style configuration that the metadata of a GGUF file amounts to; {@link GgufDescription} is the inverse. (Sources: the GGUF
 * specification's standard keys; llama.cpp's converter; the configuration classes of Hugging Face transformers.)
 */
final class GgufConfig {
    /** Every key that is read or checked here, or says nothing about the numbers; any other is a switch nobody here knows. */
    private static final Set<String> KEYS = Set.of(
            "vocab_size",
            "attention.head_count_kv",
            "attention.layer_norm_epsilon",
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
            "use_parallel_residual", // llama.cpp goes by the tensors where a family has no such setting
            "expert_count",
            "expert_used_count",
            "tensor_data_layout");

    /** Whole numbers that a file must say. */
    private static final Set<Setting> WHOLE = EnumSet.of(
            Setting.D_MODEL,
            Setting.D_MLP,
            Setting.N_LAYERS,
            Setting.N_CTX,
            Setting.N_EXPERTS,
            Setting.CHOSEN_EXPERTS,
            Setting.D_EXPERT,
            Setting.D_SHARED);

    /** Numbers that a file must say, unless the family has none at will. */
    private static final Set<Setting> NUMBERS = EnumSet.of(
            Setting.EMBEDDING_SCALE,
            Setting.ATTENTION_MULTIPLIER,
            Setting.RESIDUAL_MULTIPLIER,
            Setting.LOGIT_SCALE,
            Setting.LOGIT_DIVISOR,
            Setting.ALIBI_BIAS_MAX);

    /** Numbers that a file leaves out where they are the class's own, or where there are none. */
    private static final Set<Setting> NUMBERS_AT_WILL =
            EnumSet.of(Setting.ATTENTION_CAP, Setting.FINAL_CAP, Setting.LOCAL_THETA, Setting.CLIP);

    private final Family family;
    private final GgufForm form;
    private final GgufMetadata metadata;
    private final ObjectNode config;
    private final long heads;
    private final long keyValueHeads;
    private final long dHead;

    private GgufConfig(Family family, GgufMetadata metadata, ObjectNode config) {
        this.family = family;
        this.form = family.gguf().orElseThrow();
        this.metadata = metadata;
        this.config = config;
        this.heads = metadata.positive("attention.head_count");
        this.keyValueHeads = metadata.positiveOr("attention.head_count_kv", heads);
        this.dHead = metadata.positiveOr("attention.key_length", metadata.positive("embedding_length") / heads);
        boolean turned = family.rotary() != RotaryKind.NONE;
        if (dHead < 1 || (turned && dHead % 2 != 0) || dHead > Integer.MAX_VALUE || heads % keyValueHeads != 0) {
            throw metadata.refuse(
                    "impossible heads",
                    "an even number of dimensions per head, query heads a multiple of key-value heads",
                    heads + " heads, " + keyValueHeads + " key-value heads, " + dHead + " dimensions each");
        }
    }

    /**
     * What a file says of a family's model.
     *
     * @param tensors names of all tensors, as the file has them
     */
    static GgufConfig of(Family row, GgufMetadata metadata, Set<String> tensors) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        GgufForm form = row.gguf().orElseThrow();
        config.put("model_type", row.modelType());
        config.putArray("architectures").add(row.implementation());
        config.setAll(form.says());
        form.present().forEach((key, tensor) -> config.put(key, tensors.contains(inFirstBlock(tensor))));
        form.absent().forEach((key, tensor) -> config.put(key, !tensors.contains(inFirstBlock(tensor))));
        GgufConfig made = new GgufConfig(row.variant(config), metadata, config);
        made.requireUnderstood();
        return made;
    }

    private static String inFirstBlock(String tensor) {
        return "blk.0." + tensor + ".weight";
    }

    private void requireUnderstood() {
        metadata.requireOnly("attention.value_length", dHead);
        if (family.key(Setting.D_HEAD).isEmpty()) {
            metadata.requireOnly("attention.key_length", metadata.positive("embedding_length") / heads);
        }
        if (family.key(Setting.N_KEY_VALUE_HEADS).isEmpty()) {
            long only = Optional.ofNullable(family.settings().get(Setting.N_KEY_VALUE_HEADS))
                    .flatMap(source -> source.absent().map(JsonNode::asLong))
                    .orElse(heads);
            metadata.requireOnly("attention.head_count_kv", only);
        }
        if (!hasPartialRotary()) {
            metadata.requireOnly("rope.dimension_count", dHead);
        }
        metadata.requireOnly("rope.scale_linear", 1);
        if (family.key(Setting.N_EXPERTS).isEmpty()) {
            metadata.requireOnly("expert_count", 0);
        }
        if (family.key(Setting.WINDOW).isEmpty()) {
            metadata.requireOnly("attention.sliding_window", 0);
        }
        metadata.requireKeysAmong(Stream.concat(
                        KEYS.stream(), family.settings().keySet().stream().flatMap(setting -> setting.gguf().stream()))
                .collect(Collectors.toUnmodifiableSet()));
    }

    private boolean hasPartialRotary() {
        return family.key(Setting.ROTARY_FRACTION).isPresent();
    }

    /** The row of the table, as the file varies it. */
    Family family() {
        return family;
    }

    long heads() {
        return heads;
    }

    long keyValueHeads() {
        return keyValueHeads;
    }

    long dHead() {
        return dHead;
    }

    long experts() {
        return metadata.positive("expert_count");
    }

    /**
     * The configuration.
     *
     * @param tensors by their Hugging Face names
     * @param factors of rotary frequencies, by the name of the tensor
     */
    ObjectNode of(SortedMap<String, TensorInfo> tensors, Map<String, float[]> factors) {
        TensorInfo embedding = tensors.get(family.canonical(Part.EMBEDDING, "") + ".weight");
        if (embedding == null || embedding.shape().size() != 2) {
            throw metadata.refuse("no embedding", "token_embd.weight [d_vocab, d_model]", String.valueOf(embedding));
        }
        family.settings().keySet().forEach(this::put);
        put(Setting.D_VOCAB, embedding.shape().get(0));
        put(Setting.N_HEADS, heads);
        put(Setting.N_KEY_VALUE_HEADS, keyValueHeads);
        put(Setting.D_HEAD, dHead);
        put(Setting.NORM_EPSILON, metadata.number(epsilonKey()));
        put(Setting.ROTARY_THETA, metadata.numberOr(Setting.ROTARY_THETA.gguf().orElseThrow(), 10000));
        put(Setting.ATTENTION_SCALAR, attentionScalar());
        Optional.ofNullable(family.settings().get(Setting.ACTIVATION))
                .flatMap(source -> source.absent())
                .ifPresent(activation -> put(Setting.ACTIVATION, activation));
        String unembedding = family.canonical(Part.UNEMBEDDING, "") + ".weight";
        family.key(Setting.TIED).ifPresent(key -> config.put(key, !tensors.containsKey(unembedding)));
        family.biasKeys()
                .forEach((key, parts) -> config.put(key, parts.stream().anyMatch(part -> hasBias(tensors, part))));
        if (hasPartialRotary()) {
            put(Setting.ROTARY_FRACTION, share(metadata.positiveOr("rope.dimension_count", dHead)));
        }
        windows();
        RopeScaling.of(metadata, factors, dHead).ifPresent(scaling -> config.set("rope_scaling", scaling));
        metadata.token("bos").ifPresent(id -> config.put("bos_token_id", id));
        metadata.token("eos").ifPresent(id -> config.put("eos_token_id", id));
        return config;
    }

    /** A setting that a key of its own says. */
    private void put(Setting setting) {
        if (family.key(setting).isEmpty()) {
            return; // one value for good
        }
        String key = setting.gguf().orElse("");
        boolean mayLack = family.settings().get(setting).nullable() || NUMBERS_AT_WILL.contains(setting);
        if (WHOLE.contains(setting)) {
            put(setting, metadata.positive(key));
        } else if (NUMBERS.contains(setting) || NUMBERS_AT_WILL.contains(setting)) {
            if (metadata.has(key) || !mayLack) {
                put(setting, metadata.number(key));
            }
        } else if (setting == Setting.PARALLEL) {
            family.key(setting).ifPresent(own -> config.put(own, metadata.flag(key)));
        } else if (setting == Setting.ORIGINAL_CONTEXT && metadata.has(key)) {
            put(setting, metadata.positive(key));
        }
    }

    private void put(Setting setting, long value) {
        put(setting, LongNode.valueOf(value));
    }

    private void put(Setting setting, double value) {
        put(setting, DoubleNode.valueOf(value));
    }

    private void put(Setting setting, JsonNode value) {
        family.key(setting).ifPresent(key -> Keys.put(config, key, value));
    }

    private String epsilonKey() {
        boolean rms = family.norm() == NormKind.RMS
                || family.norm() == NormKind.RMS_PLUS_ONE
                || family.norm() == NormKind.RMS_PLAIN;
        return rms ? Setting.NORM_EPSILON.gguf().orElseThrow() : "attention.layer_norm_epsilon";
    }

    /** The share of a head that so many dimensions are, such that as many come out again. */
    private double share(long dimensions) {
        double share = (double) dimensions / dHead;
        return (long) (dHead * share) < dimensions ? Math.nextUp(share) : share;
    }

    /** A window is in every layer, or in all but every n-th; newer files say so, by a number or layer by layer. */
    private void windows() {
        Optional<String> key = family.key(Setting.WINDOW);
        if (key.isEmpty()) {
            return;
        }
        if (!metadata.has("attention.sliding_window")) {
            if (!form.wholeGains()) { // else the class's own window
                config.putNull(key.get());
            }
            return;
        }
        if (!metadata.isAbove0("attention.sliding_window")) {
            config.set(key.get(), NullNode.instance);
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

    private boolean hasBias(SortedMap<String, TensorInfo> tensors, Part part) {
        return family.has(part) && tensors.containsKey(family.canonical(part, "0") + ".bias");
    }
}
