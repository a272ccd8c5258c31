package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;

/**
 * How rotary frequencies are stretched, in GGUF. Linear scaling is a key; the scaling of Llama 3.1 is a tensor of factors, whose parameters
 * are found again and confirmed on reading. Any other kind is handed on by name, for the model to know or to refuse.
 */
final class RopeScaling {
    /** What every Llama 3.1 to 3.3 checkpoint uses; the file keeps the factors and not these. */
    private static final double LOW_FREQUENCY_FACTOR = 1;

    private static final double HIGH_FREQUENCY_FACTOR = 4;
    private static final long USUAL_CONTEXT = 8192;

    /** Not a weight: per rotary pair, by what its frequency is divided; becomes part of the configuration. */
    static final String FACTORS = "rope_freqs.weight";

    /** The same for contexts up to the original one, and beyond it. */
    private static final String SHORT_FACTORS = "rope_factors_short.weight";

    private static final String LONG_FACTORS = "rope_factors_long.weight";

    private static final String MAGNITUDE = "rope.scaling.attn_factor";

    private RopeScaling() {}

    /** Whether a tensor of the file is no weight but such factors. */
    static boolean isFactors(String tensor) {
        return tensor.equals(FACTORS) || tensor.equals(SHORT_FACTORS) || tensor.equals(LONG_FACTORS);
    }

    /** @param factors per rotary pair, by what its frequency is divided, by the name of the tensor */
    static Optional<ObjectNode> of(GgufMetadata metadata, Map<String, float[]> factors, long dHead) {
        if (factors.containsKey(SHORT_FACTORS) && factors.containsKey(LONG_FACTORS)) {
            return Optional.of(longRope(metadata, factors));
        }
        metadata.requireOnly(MAGNITUDE, 1);
        if (factors.containsKey(FACTORS)) {
            return Optional.of(llama3(metadata, factors.get(FACTORS), dHead));
        }
        Optional<String> type = metadata.text("rope.scaling.type").filter(t -> !t.equals("none"));
        return type.map(t -> {
            ObjectNode scaling = JsonNodeFactory.instance.objectNode();
            scaling.put("rope_type", t);
            scaling.put("factor", metadata.numberOr("rope.scaling.factor", 1));
            String context = "rope.scaling.original_context_length";
            if (metadata.has(context)) {
                scaling.put("original_max_position_embeddings", metadata.positive(context));
            }
            return scaling;
        });
    }

    private static ObjectNode longRope(GgufMetadata metadata, Map<String, float[]> factors) {
        ObjectNode scaling = JsonNodeFactory.instance.objectNode();
        scaling.put("rope_type", "longrope");
        ArrayNode within = scaling.putArray("short_factor");
        for (float factor : factors.get(SHORT_FACTORS)) {
            within.add(factor);
        }
        ArrayNode beyond = scaling.putArray("long_factor");
        for (float factor : factors.get(LONG_FACTORS)) {
            beyond.add(factor);
        }
        if (metadata.has(MAGNITUDE)) {
            scaling.put("attention_factor", metadata.number(MAGNITUDE));
        }
        return scaling;
    }

    private static ObjectNode llama3(GgufMetadata metadata, float[] factors, long dHead) {
        long context = metadata.positiveOr("rope.scaling.original_context_length", USUAL_CONTEXT);
        double theta = metadata.numberOr("rope.freq_base", 10000);
        double factor = 1;
        for (float f : factors) {
            factor = Math.max(factor, f);
        }
        boolean confirmed = factors.length == dHead / 2;
        for (int pair = 0; confirmed && pair < factors.length; pair++) {
            double expected = llama3Factor(Math.pow(theta, -2.0 * pair / dHead), factor, context);
            confirmed = Math.abs(factors[pair] - expected) <= 1e-4 * expected;
        }
        if (!confirmed) {
            throw metadata.refuse(
                    "unsupported rotary factors in " + FACTORS,
                    "those of Llama 3.1 (low 1, high 4, original context " + context + ")",
                    factors.length + " others, up to " + factor);
        }
        ObjectNode scaling = JsonNodeFactory.instance.objectNode();
        scaling.put("rope_type", "llama3");
        scaling.put("factor", factor);
        scaling.put("low_freq_factor", LOW_FREQUENCY_FACTOR);
        scaling.put("high_freq_factor", HIGH_FREQUENCY_FACTOR);
        scaling.put("original_max_position_embeddings", context);
        return scaling;
    }

    /**
     * The tensor of factors that the scaling of Llama 3.1 amounts to, {@code [dHead/2]}.
     *
     * @param scaling the configuration's, checked by {@link #requireUsual}
     */
    static float[] factors(JsonNode scaling, double theta, int dHead) {
        float[] factors = new float[dHead / 2];
        for (int pair = 0; pair < factors.length; pair++) {
            double frequency = Math.pow(theta, -2.0 * pair / dHead);
            double factor = scaling.path("factor").asDouble();
            factors[pair] = (float) llama3Factor(frequency, factor, originalContext(scaling));
        }
        return factors;
    }

    static long originalContext(JsonNode scaling) {
        return scaling.path("original_max_position_embeddings").asLong();
    }

    /** @throws BadInput for bounds that readers of the factors would not find again */
    static void requireUsual(JsonNode scaling, String where) {
        double low = scaling.path("low_freq_factor").asDouble();
        double high = scaling.path("high_freq_factor").asDouble();
        if (low != LOW_FREQUENCY_FACTOR || high != HIGH_FREQUENCY_FACTOR) {
            throw new BadInput(
                    "unusual bounds of llama3's rotary scaling",
                    where,
                    "low_freq_factor " + LOW_FREQUENCY_FACTOR + " and high_freq_factor " + HIGH_FREQUENCY_FACTOR,
                    low + " and " + high,
                    "export it as safetensors or ONNX (--format onnx)");
        }
    }

    /**
     * By what Llama 3.1 divides a rotary frequency: 1 for wavelengths below a quarter of the original context, {@code factor} beyond all of
     * it, smoothly between. (Source: the rope scaling of Meta's reference code.)
     */
    static double llama3Factor(double frequency, double factor, long context) {
        double turns = context * frequency / (2 * Math.PI); // wavelengths in the original context
        double smooth = (turns - LOW_FREQUENCY_FACTOR) / (HIGH_FREQUENCY_FACTOR - LOW_FREQUENCY_FACTOR);
        double kept = Math.max(0, Math.min(1, smooth));
        return 1 / ((1 - kept) / factor + kept);
    }
}
