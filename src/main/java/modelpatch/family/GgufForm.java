package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Set;

/**
 * How GGUF has a family.
 *
 * @param architecture the name in {@code general.architecture} and before the family's keys
 * @param permuted whether rows of queries and keys are interleaved, as llama.cpp's converter does for the llama family
 * @param biases the parts whose bias llama.cpp has a place for; it refuses a file with any other
 */
public record GgufForm(@JsonProperty(required = true) String architecture, boolean permuted, Set<Part> biases) {

    public GgufForm {
        biases = biases == null ? Set.of() : Set.copyOf(biases);
    }
}
