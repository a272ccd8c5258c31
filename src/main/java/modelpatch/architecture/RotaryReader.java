package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.family.Setting;
import modelpatch.family.Switches.RotaryKind;

/**
 * Reads rotary positions and how they are stretched. (Sources: the papers named at each formula, with the parameters of Hugging Face
 * transformers, modeling_rope_utils.)
 */
final class RotaryReader {
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    private final Settings settings;
    private final ModelConfig config;
    private final JsonNode parameters;
    private final int dimensions;

    RotaryReader(Settings settings, ModelConfig config) {
        this.settings = settings;
        this.config = config;
        this.parameters = settings.value(Setting.ROTARY_PARAMETERS)
                .filter(said -> !isPassedOver(settings, said))
                .orElse(MissingNode.getInstance());
        if (!parameters.isMissingNode() && !parameters.isObject()) {
            throw settings.bad(Setting.ROTARY_PARAMETERS, "an object", parameters.toString());
        }
        this.dimensions = dimensions();
    }

    /** A family with a base of its own for layers with a window takes newer parameters by the type of layer alone (Gemma 3). */
    private static boolean isPassedOver(Settings settings, JsonNode said) {
        boolean byLayer = said.has(FULL) || said.has(SLIDING);
        boolean isOld = said.equals(settings.config().path("rope_scaling"));
        return settings.family().settings().containsKey(Setting.LOCAL_THETA) && !byLayer && !isOld;
    }

    /** In layers that see all; newer configurations have parameters by the type of layer. */
    Rotary full() {
        return read(parameters.has(FULL) ? parameters.get(FULL) : parameters, theta());
    }

    /** In layers with a window, where they are not stretched as the others are. */
    Rotary sliding() {
        double theta = settings.maybeNumber(Setting.LOCAL_THETA).orElse(theta());
        return read(parameters.has(SLIDING) ? parameters.get(SLIDING) : MissingNode.getInstance(), theta);
    }

    Optional<QueryGain> queryGain() {
        double beta = orZero(parameters, "llama_4_scaling_beta");
        return beta > 0
                ? Optional.of(new QueryGain(beta, number(parameters, "original_max_position_embeddings"), 0))
                : Optional.empty();
    }

    /** By what attention scores grow where contexts are stretched and the family says so here (DeepSeek's mscale_all_dim). */
    double scoreScale() {
        double all = orZero(parameters, "mscale_all_dim");
        if (all == 0 || kind(parameters).equals("default")) {
            return 1;
        }
        double magnitude = magnitude(number(parameters, "factor"), all);
        return magnitude * magnitude;
    }

    private String kind(JsonNode scaling) {
        JsonNode type = scaling.hasNonNull("rope_type") ? scaling.get("rope_type") : scaling.path("type");
        if (!type.isTextual() && !type.isNull() && !type.isMissingNode()) {
            throw bad("rope_type", "a name", type.toString());
        }
        return type.asText("default");
    }

    private double theta() {
        return settings.maybeNumber(Setting.ROTARY_THETA).orElse(10000);
    }

    private int dimensions() {
        double fraction = number(
                parameters,
                "partial_rotary_factor",
                settings.maybeNumber(Setting.ROTARY_FRACTION).orElse(1));
        int said = settings.maybeInteger(Setting.ROTARY_DIMENSIONS).orElse((int) (config.dKey() * fraction));
        // an odd number of dimensions turns one more, as the reference implementation does
        boolean odd = said % 2 == 1 && settings.family().evenRotary();
        if (said < 2 || odd || said + said % 2 > config.dKey()) {
            throw new BadInput(
                    "rotary dimensions",
                    settings.where(),
                    (odd ? "an even number, " : "") + "2 up to d_head = " + config.dKey(),
                    String.valueOf(said),
                    "correct rotary_dim or partial_rotary_factor");
        }
        return said;
    }

    private Rotary read(JsonNode scaling, double otherwise) {
        double theta = scaling.has("rope_theta") ? number(scaling, "rope_theta") : otherwise;
        String type = kind(scaling);
        List<String> taken = settings.family().rotaryTypes();
        if (!taken.isEmpty() && !taken.contains(type)) {
            throw new BadInput(
                    "rotary scaling",
                    settings.where(),
                    String.join(" or ", taken) + ", as the reference takes it for " + config.modelType(),
                    "\"" + type + "\"",
                    "correct rope_scaling in config.json");
        }
        double[] plain = plain(theta);
        return switch (type) {
            case "default" -> rotary(plain, 1);
            case "linear" -> rotary(divided(plain, number(scaling, "factor")), 1);
            // the base grows beyond the context length alone, and longer sequences are refused
            case "dynamic" -> rotary(scaling.has("alpha") ? byAlpha(theta, scaling) : plain, 1);
            case "llama3" -> rotary(byWavelength(plain, scaling), 1);
            case "yarn" -> rotary(yarn(plain, theta, scaling), yarnMagnitude(scaling));
            case "longrope", "su" -> longRope(plain, scaling);
            default ->
                throw new BadInput(
                        "rotary scaling",
                        settings.where(),
                        "default, linear, dynamic, llama3, yarn or longrope",
                        "\"" + type + "\"",
                        "its formula is missing here, and without it every number would be wrong");
        };
    }

    private Rotary rotary(double[] frequencies, double magnitude) {
        return new Rotary(2 * frequencies.length, pairs(), frequencies, magnitude, Optional.empty());
    }

    private boolean pairs() {
        return settings.family().rotary() == RotaryKind.PAIRS;
    }

    /**
     * theta^(-2i / dimensions), rounded as the reference implementations do, which compute it in float32: 1,000 positions on, the exact
     * frequencies would turn visibly otherwise.
     */
    private double[] plain(double theta) {
        double[] frequencies = new double[(dimensions + 1) / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1f / (float) Math.pow(theta, (float) (2.0 * i / dimensions));
        }
        return frequencies;
    }

    private static double[] divided(double[] frequencies, double factor) {
        double[] divided = frequencies.clone();
        for (int i = 0; i < divided.length; i++) {
            divided[i] /= factor;
        }
        return divided;
    }

    /** The base times alpha^(d / (d - 2)) (NTK-aware scaling, as Hunyuan fixes it). */
    private double[] byAlpha(double theta, JsonNode scaling) {
        return plain(theta * Math.pow(number(scaling, "alpha"), dimensions / (dimensions - 2.0)));
    }

    /** Llama 3.1: long wavelengths are divided by the factor, short ones kept, those between interpolated. */
    private double[] byWavelength(double[] plain, JsonNode scaling) {
        double factor = number(scaling, "factor");
        double low = number(scaling, "low_freq_factor");
        double high = number(scaling, "high_freq_factor");
        double context = originalContext(scaling);
        double[] frequencies = plain.clone();
        for (int i = 0; i < frequencies.length; i++) {
            double turns = context * frequencies[i] / (2 * Math.PI);
            double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
            frequencies[i] *= kept + (1 - kept) / factor;
        }
        return frequencies;
    }

    /** YaRN (Peng et al. 2023): dimensions that turn often in the original context are kept, those that turn seldom divided. */
    private double[] yarn(double[] plain, double theta, JsonNode scaling) {
        double factor = yarnFactor(scaling);
        double low = yarnDimension(number(scaling, "beta_fast", 32), theta, scaling);
        double high = yarnDimension(number(scaling, "beta_slow", 1), theta, scaling);
        JsonNode truncate = parameters.path("truncate");
        if (parameters.hasNonNull("truncate") && !truncate.isBoolean()) {
            throw bad("truncate", "true or false", truncate.toString());
        }
        if (truncate.asBoolean(true)) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, dimensions - 1);
        double width = high == low ? 1e-3 : high - low;
        double[] frequencies = plain.clone();
        for (int i = 0; i < frequencies.length; i++) {
            double divided = Math.min(1, Math.max(0, (i - low) / width));
            frequencies[i] *= divided / factor + (1 - divided);
        }
        return frequencies;
    }

    /** The dimension that turns so many times in the original context. */
    private double yarnDimension(double turns, double theta, JsonNode scaling) {
        return dimensions * Math.log(originalContext(scaling) / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private double yarnFactor(JsonNode scaling) {
        return scaling.path("factor").isNull() ? config.nCtx() / originalContext(scaling) : number(scaling, "factor");
    }

    private double yarnMagnitude(JsonNode scaling) {
        if (scaling.hasNonNull("attention_factor")) {
            return number(scaling, "attention_factor");
        }
        double factor = yarnFactor(scaling);
        double one = orZero(scaling, "mscale");
        double all = orZero(scaling, "mscale_all_dim");
        return one != 0 && all != 0 ? magnitude(factor, one) / magnitude(factor, all) : magnitude(factor, 1);
    }

    private static double magnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    /** LongRoPE (Ding et al. 2024): a factor a dimension, others in sequences beyond the original context. */
    private Rotary longRope(double[] plain, JsonNode scaling) {
        int context = (int) originalContext(scaling);
        double factor = scaling.hasNonNull("factor") ? number(scaling, "factor") : (double) config.nCtx() / context;
        double magnitude = scaling.hasNonNull("attention_factor")
                ? number(scaling, "attention_factor")
                : factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(context));
        return new Rotary(
                2 * plain.length,
                pairs(),
                divided(plain, scaling, "short_factor"),
                magnitude,
                Optional.of(new Rotary.Beyond(context, divided(plain, scaling, "long_factor"))));
    }

    private double[] divided(double[] plain, JsonNode scaling, String key) {
        JsonNode factors = scaling.path(key);
        if (!factors.isArray() || factors.size() != plain.length) {
            throw bad(
                    key,
                    plain.length + " numbers",
                    factors.isArray() ? factors.size() + " numbers" : factors.toString());
        }
        double[] divided = plain.clone();
        for (int i = 0; i < divided.length; i++) {
            double factor = factors.get(i).asDouble();
            if (!factors.get(i).isNumber() || !Double.isFinite(factor) || factor <= 0) {
                throw bad(key, "positive numbers", factors.get(i).toString());
            }
            divided[i] /= factor;
        }
        return divided;
    }

    /** The key outside of the parameters counts first, as in the reference; without any the context is the original one. */
    private double originalContext(JsonNode scaling) {
        return settings.maybeInteger(Setting.ORIGINAL_CONTEXT).stream()
                .asDoubleStream()
                .findFirst()
                .orElseGet(() -> number(scaling, "original_max_position_embeddings", config.nCtx()));
    }

    private double number(JsonNode scaling, String key, double otherwise) {
        return scaling.hasNonNull(key) ? number(scaling, key) : otherwise;
    }

    private double number(JsonNode scaling, String key) {
        JsonNode value = scaling.path(key);
        if (!value.isNumber() || !Double.isFinite(value.asDouble()) || value.asDouble() <= 0) {
            throw bad(key, "a positive number", value.isMissingNode() ? "none" : value.toString());
        }
        return value.asDouble();
    }

    /** A number that counts as 0 where none is said. */
    private double orZero(JsonNode scaling, String key) {
        JsonNode value = scaling.path(key);
        if (scaling.hasNonNull(key) && (!value.isNumber() || !Double.isFinite(value.asDouble()))) {
            throw bad(key, "a number", value.toString());
        }
        return value.asDouble(0);
    }

    private BadInput bad(String key, String expected, String found) {
        return new BadInput(key + " of the rotary scaling", settings.where(), expected, found, "correct config.json");
    }
}
