package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import modelpatch.BadInput;

/**
 * Rotary position embedding (Su et al. 2021): the first {@code dimensions} of each head turn by angle position * frequency[i].
 *
 * @param pairs whether dimension 2i turns with 2i + 1 (GPT-J); otherwise i turns with i + dimensions/2
 * @param frequencies radians per position, [dimensions / 2]
 */
public record Rotary(int dimensions, boolean pairs, double[] frequencies) {

    /** Reads the variants default, linear and llama3; every other is refused by name. */
    static Rotary read(JsonNode config, int dHead, boolean pairs, String where) {
        JsonNode scaling = config.path("rope_parameters");
        if (scaling.isMissingNode() || scaling.isNull()) {
            scaling = config.path("rope_scaling");
        }
        double theta = scaling.path("rope_theta")
                .asDouble(config.path("rope_theta")
                        .asDouble(config.path("rotary_emb_base").asDouble(10000)));
        double fraction = scaling.path("partial_rotary_factor")
                .asDouble(config.path("partial_rotary_factor")
                        .asDouble(config.path("rotary_pct").asDouble(1)));
        int dimensions = config.path("rotary_dim").asInt((int) (dHead * fraction));
        int half = (dimensions + 1)
                / 2; // an odd number of dimensions turns one more, as the reference implementation does
        if (dimensions < 2 || 2 * half > dHead) {
            throw new BadInput(
                    "rotary dimensions",
                    where,
                    "2 up to d_head = " + dHead,
                    String.valueOf(dimensions),
                    "correct rotary_dim or partial_rotary_factor");
        }
        double[] frequencies = new double[half];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(theta, -2.0 * i / dimensions);
        }
        String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        switch (type) {
            case "default" -> {}
            case "linear" -> {
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] /= scaling.path("factor").asDouble();
                }
            }
            case "llama3" -> scaleByWavelength(frequencies, scaling);
            default ->
                throw new BadInput(
                        "rotary scaling",
                        where,
                        "default, linear or llama3",
                        "\"" + type + "\"",
                        "its formula is missing here, and without it every number would be wrong");
        }
        return new Rotary(2 * half, pairs, frequencies);
    }

    /** Llama 3.1: long wavelengths are divided by the factor, short ones kept, those between interpolated. */
    private static void scaleByWavelength(double[] frequencies, JsonNode scaling) {
        double factor = scaling.path("factor").asDouble();
        double low = scaling.path("low_freq_factor").asDouble();
        double high = scaling.path("high_freq_factor").asDouble();
        double context = scaling.path("original_max_position_embeddings").asDouble();
        for (int i = 0; i < frequencies.length; i++) {
            double turns = context * frequencies[i] / (2 * Math.PI);
            double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
            frequencies[i] *= kept + (1 - kept) / factor;
        }
    }
}
