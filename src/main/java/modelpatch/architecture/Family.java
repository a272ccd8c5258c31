package modelpatch.architecture;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import modelpatch.BadInput;
import org.yaml.snakeyaml.Yaml;

/**
 * One family of decoders as {@code families.yaml} describes it: the switches that config.json leaves unsaid and the names of its tensors. A
 * name that is null is a part that the family does not have; {@code %d} in a name stands for the layer.
 */
public record Family(
        String norm,
        String rotary,
        boolean gated,
        String parallel,
        @JsonProperty("shared_norm") boolean sharedNorm,
        @JsonProperty("scaled_embedding") boolean scaledEmbedding,
        @JsonProperty("alternating_window") boolean alternatingWindow,
        @JsonProperty("tied_by_default") boolean tiedByDefault,
        @JsonProperty("position_offset") int positionOffset,
        String weights,
        String normed,
        String fused,
        List<String> prefixes,
        List<String> buffers,
        String embedding,
        String positions,
        @JsonProperty("final_norm") String finalNorm,
        String unembedding,
        @JsonProperty("attention_norm") String attentionNorm,
        @JsonProperty("attention_out_norm") String attentionOutNorm,
        String query,
        String key,
        String value,
        @JsonProperty("query_key_value") String queryKeyValue,
        @JsonProperty("query_norm") String queryNorm,
        @JsonProperty("key_norm") String keyNorm,
        String output,
        @JsonProperty("mlp_norm") String mlpNorm,
        @JsonProperty("mlp_out_norm") String mlpOutNorm,
        @JsonProperty("mlp_gate") String mlpGate,
        @JsonProperty("mlp_in") String mlpIn,
        @JsonProperty("mlp_gate_in") String mlpGateIn,
        @JsonProperty("mlp_out") String mlpOut) {

    private static final Map<String, Family> KNOWN = read();

    /** The family of a config.json's {@code model_type}. */
    public static Family of(String modelType, String where) {
        Family family = KNOWN.get(modelType);
        if (family == null) {
            throw new BadInput(
                    "unknown architecture",
                    where,
                    "a model_type among " + String.join(", ", new TreeSet<>(KNOWN.keySet())),
                    "\"" + modelType + "\"",
                    "an entry in families.yaml (norm, rotary, residual order, tensor names) and its conformance checkpoint are"
                            + " missing");
        }
        return family;
    }

    public boolean transposedWeights() {
        return "in_out".equals(weights);
    }

    private static Map<String, Family> read() {
        try (InputStream in = Family.class.getResourceAsStream("families.yaml")) {
            // SnakeYAML resolves the anchors and merges, which Jackson's reader leaves alone.
            Map<String, Object> resolved = new Yaml().load(in);
            ObjectMapper mapper = new ObjectMapper(new YAMLFactory());
            ObjectNode root = mapper.valueToTree(resolved);
            Map<String, Family> families = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : root.properties()) {
                families.put(entry.getKey(), mapper.treeToValue(entry.getValue(), Family.class));
            }
            return families;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
