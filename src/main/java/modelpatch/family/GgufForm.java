package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/**
 * How GGUF has a family. (Source: llama.cpp's converter and its readers of the architectures.)
 *
 * @param architecture the name in {@code general.architecture} and before the family's keys
 * @param markedBy keys, behind the architecture's name, by which files of this family are told from those of another one under the same name:
 *     they have one of them, above 0
 * @param permuted whether rows of queries and keys are interleaved, as llama.cpp's converter does for the llama family
 * @param wholeGains whether norms that multiply by 1 + w keep that sum
 * @param names parts that are called otherwise than {@link Part#gguf} says
 * @param says keys of config.json that have one value in all files, which do not say it
 * @param present keys of config.json that are true where the first block has a tensor of this name, else false
 * @param absent keys of config.json that are true where it has none, else false
 * @param biases the parts whose bias llama.cpp has a place for; it refuses a file with any other
 * @param scalarByWidthAt number of layers of the model whose attention is scaled by d_model / n_heads and not by d_head; 0 for none
 * @param readOnly whether files of it are read here and not written
 */
public record GgufForm(
        @JsonProperty(required = true) String architecture,
        @JsonProperty("marked_by") Set<String> markedBy,
        boolean permuted,
        @JsonProperty("whole_gains") boolean wholeGains,
        Map<Part, String> names,
        Map<String, JsonNode> says,
        Map<String, String> present,
        Map<String, String> absent,
        Set<Part> biases,
        @JsonProperty("scalar_by_width_at") int scalarByWidthAt,
        @JsonProperty("read_only") boolean readOnly) {

    public GgufForm {
        markedBy = markedBy == null ? Set.of() : Set.copyOf(markedBy);
        names = names == null ? Map.of() : Map.copyOf(names);
        says = says == null ? Map.of() : Map.copyOf(says);
        present = present == null ? Map.of() : Map.copyOf(present);
        absent = absent == null ? Map.of() : Map.copyOf(absent);
        biases = biases == null ? Set.of() : Set.copyOf(biases);
    }

    /** What a part is called, without the block before it and {@code .weight} behind it. */
    public String name(Part part) {
        return names.getOrDefault(part, part.gguf());
    }
}
