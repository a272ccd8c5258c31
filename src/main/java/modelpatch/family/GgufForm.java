package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Set;

/**
 * How GGUF has a family. (Source: llama.cpp's converter and its readers of the architectures.)
 *
 * @param architecture the name in {@code general.architecture} and before the family's keys
 * @param permuted whether rows of queries and keys are interleaved, as llama.cpp's converter does for the llama family
 * @param wholeGains whether norms that multiply by 1 + w keep that sum
 * @param biases the parts whose bias llama.cpp has a place for; it refuses a file with any other
 * @param scalarByWidthAt number of layers of the model whose attention is scaled by d_model / n_heads and not by d_head; 0 for none
 * @param readOnly whether files of it are read here and not written
 */
public record GgufForm(
        @JsonProperty(required = true) String architecture,
        boolean permuted,
        @JsonProperty("whole_gains") boolean wholeGains,
        Set<Part> biases,
        @JsonProperty("scalar_by_width_at") int scalarByWidthAt,
        @JsonProperty("read_only") boolean readOnly) {

    public GgufForm {
        biases = biases == null ? Set.of() : Set.copyOf(biases);
    }
}
