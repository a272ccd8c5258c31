package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.family.Switches.ExpertKind;
import modelpatch.family.Switches.MlpKind;
import modelpatch.family.Switches.MlpReads;
import modelpatch.family.Switches.NormKind;
import modelpatch.family.Switches.ProjectionKind;
import modelpatch.family.Switches.QueryKeyNorm;
import modelpatch.family.Switches.RotaryKind;
import modelpatch.family.Switches.RouterScore;
import modelpatch.family.Switches.WeightOrder;
import modelpatch.family.Switches.WindowPattern;

/** Reads {@code families.yaml}. An unknown switch, part, setting or word of the table is an error of the table and stops the program. */
final class FamilyTable {
    private static final String TABLE = "families.yaml";
    private static final String LIKE = "like";

    private static final YAMLMapper MAPPER = YAMLMapper.builder(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private FamilyTable() {}

    /** A row as it is written; what it leaves out is what most families have. */
    private record Row(
            @JsonProperty(value = "class", required = true) String implementation,
            @JsonProperty(required = true) NormKind norm,
            @JsonProperty(required = true) RotaryKind rotary,
            @JsonProperty(required = true) ProjectionKind projection,
            @JsonProperty(required = true) MlpKind mlp,
            @JsonProperty("mlp_reads") MlpReads mlpReads,
            @JsonProperty("query_key_norm") QueryKeyNorm queryKeyNorm,
            WeightOrder weights,
            WindowPattern windows,
            ExpertKind experts,
            @JsonProperty("router_score") RouterScore routerScore,
            @JsonProperty("weighs_expert_input") boolean weighsExpertInput,
            @JsonProperty("scaled_embedding") boolean scaledEmbedding,
            @JsonProperty("position_offset") int positionOffset,
            @JsonProperty(required = true) List<String> prefixes,
            @JsonProperty(required = true) Map<Part, String> parts,
            List<String> buffers,
            @JsonProperty(required = true) JsonNode settings,
            Map<String, JsonNode> fixed,
            GgufForm gguf) {

        Family named(String modelType) {
            return new Family(
                    modelType,
                    implementation,
                    norm,
                    rotary,
                    projection,
                    mlp,
                    or(mlpReads, MlpReads.MID),
                    or(queryKeyNorm, QueryKeyNorm.NONE),
                    or(weights, WeightOrder.OUT_IN),
                    or(windows, WindowPattern.ALL),
                    or(experts, ExpertKind.NONE),
                    or(routerScore, RouterScore.SOFTMAX),
                    weighsExpertInput,
                    scaledEmbedding,
                    positionOffset,
                    prefixes,
                    parts,
                    or(buffers, List.of()),
                    sources(settings),
                    or(fixed, Map.of()),
                    Optional.ofNullable(gguf));
        }

        private static <T> T or(T given, T otherwise) {
            return given == null ? otherwise : given;
        }
    }

    /** A list of keys is short for keys of which one must be there. */
    private static Map<Setting, Source> sources(JsonNode settings) {
        ObjectNode written = MAPPER.createObjectNode();
        settings.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            written.set(
                    entry.getKey(),
                    value.isObject() ? value : MAPPER.createObjectNode().set("key", value));
        });
        return MAPPER.convertValue(written, new TypeReference<Map<Setting, Source>>() {});
    }

    static SortedMap<String, Family> read() {
        try (InputStream in = FamilyTable.class.getResourceAsStream(TABLE)) {
            return read(MAPPER.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalArgumentException naming the row and what is wrong with it */
    static SortedMap<String, Family> read(JsonNode table) {
        SortedMap<String, Family> families = new TreeMap<>();
        table.fieldNames().forEachRemaining(name -> {
            try {
                families.put(
                        name,
                        MAPPER.treeToValue(resolved(table, name), Row.class).named(name));
            } catch (IllegalArgumentException | IOException e) {
                throw new IllegalArgumentException(TABLE + ", " + name + ": " + reason(e), e);
            }
        });
        return families;
    }

    private static String reason(Exception e) {
        return e instanceof JsonMappingException mapping
                ? mapping.getPathReference().replaceAll("[\\w.$]+\\[", "[") + " " + mapping.getOriginalMessage()
                : e.getMessage();
    }

    /** A row with everything that it takes over from the row that it is like. */
    private static ObjectNode resolved(JsonNode table, String name) {
        if (!(table.get(name) instanceof ObjectNode own)) {
            throw new IllegalArgumentException("no row of this name");
        }
        if (!own.has(LIKE)) {
            return own.deepCopy();
        }
        ObjectNode row = resolved(table, own.get(LIKE).asText());
        replace(row, own, true);
        row.remove(LIKE);
        return row;
    }

    /**
     * Puts what one node says into another; null takes away.
     *
     * @param into modified
     * @param sections whether objects on both sides are joined entry by entry
     */
    private static void replace(ObjectNode into, ObjectNode from, boolean sections) {
        from.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                into.remove(entry.getKey());
            } else if (sections
                    && into.get(entry.getKey()) instanceof ObjectNode old
                    && value instanceof ObjectNode further) {
                replace(old, further, false);
            } else {
                into.set(entry.getKey(), value.deepCopy());
            }
        });
    }
}
