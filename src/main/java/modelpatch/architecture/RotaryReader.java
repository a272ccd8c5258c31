package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import modelpatch.BadInput;
import modelpatch.family.Setting;
import modelpatch.family.Switches.RotaryKind;

/** Reads rotary positions and their scaling: default, linear and llama3; every other kind is refused by name. */
final class RotaryReader {
    private RotaryReader() {}

    static Rotary read(Settings settings, int dHead) {
        JsonNode scaling = settings.value(Setting.ROTARY_PARAMETERS).orElse(MissingNode.getInstance());
        double theta = scaling.path("rope_theta")
                .asDouble(settings.maybeNumber(Setting.ROTARY_THETA).orElse(10000));
        double fraction = scaling.path("partial_rotary_factor")
                .asDouble(settings.maybeNumber(Setting.ROTARY_FRACTION).orElse(1));
        int dimensions = settings.maybeInteger(Setting.ROTARY_DIMENSIONS).orElse((int) (dHead * fraction));
        int half = (dimensions + 1)
                / 2; // an odd number of dimensions turns one more, as the reference implementation does
        if (dimensions < 2 || 2 * half > dHead) {
            throw new BadInput(
                    "rotary dimensions",
                    settings.where(),
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
                        settings.where(),
                        "default, linear or llama3",
                        "\"" + type + "\"",
                        "its formula is missing here, and without it every number would be wrong");
        }
        return new Rotary(2 * half, settings.family().rotary() == RotaryKind.PAIRS, frequencies);
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
