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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import modelpatch.family.Switches.Alibi;
import modelpatch.family.Switches.ExpertKind;
import modelpatch.family.Switches.MlpKind;
import modelpatch.family.Switches.MlpReads;
import modelpatch.family.Switches.NormKind;
import modelpatch.family.Switches.ProjectionKind;
import modelpatch.family.Switches.QueryKeyNorm;
import modelpatch.family.Switches.RotaryKind;
import modelpatch.family.Switches.RotaryLayers;
import modelpatch.family.Switches.RouterScore;
import modelpatch.family.Switches.SlidingRotary;
import modelpatch.family.Switches.WeightOrder;
import modelpatch.family.Switches.WindowPattern;

/** {@code families.yaml}, read. An unknown switch, part, setting or word of the table is an error of the table and stops the program. */
final class FamilyTable {
    private static final String TABLE = "families.yaml";
    private static final String LIKE = "like";
    private static final String VARIANTS = "variants";
    private static final String WHEN = "when";

    private static final YAMLMapper MAPPER = YAMLMapper.builder(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private final SortedMap<String, ObjectNode> rows = new TreeMap<>();
    private final SortedMap<String, Family> families = new TreeMap<>();
    private final Map<ObjectNode, Family> varied = new ConcurrentHashMap<>();
    private final Set<String> keys = new TreeSet<>();

    /** @throws IllegalArgumentException naming the row and what is wrong with it */
    FamilyTable(JsonNode table) {
        table.fieldNames().forEachRemaining(name -> {
            try {
                ObjectNode row = resolved(table, name);
                rows.put(name, row);
                families.put(name, family(name, without(row)));
                for (JsonNode variant : row.path(VARIANTS)) {
                    variant.path(WHEN).fieldNames().forEachRemaining(keys::add);
                    keys(family(name, varied(row, variant)));
                }
                keys(families.get(name));
            } catch (IllegalArgumentException | IOException e) {
                throw new IllegalArgumentException(TABLE + ", " + name + ": " + reason(e), e);
            }
        });
    }

    /** The one that the toolkit brings along. */
    static FamilyTable shipped() {
        try (InputStream in = FamilyTable.class.getResourceAsStream(TABLE)) {
            return new FamilyTable(MAPPER.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SortedMap<String, Family> families() {
        return families;
    }

    Set<String> keys() {
        return keys;
    }

    private void keys(Family family) {
        family.settings().values().forEach(source -> keys.addAll(source.keys()));
        keys.addAll(family.fixed().keySet());
        keys.addAll(family.inert());
    }

    /** A family with the variants that a configuration asks for, laid over it in their order. */
    Family variant(String name, JsonNode config) {
        ObjectNode row = rows.get(name);
        List<JsonNode> asked = new ArrayList<>();
        row.path(VARIANTS).forEach(variant -> {
            if (variant.path(WHEN).properties().stream()
                    .allMatch(entry -> entry.getValue().equals(Keys.at(config, entry.getKey())))) {
                asked.add(variant);
            }
        });
        return asked.isEmpty()
                ? families.get(name)
                : varied.computeIfAbsent(varied(row, asked.toArray(JsonNode[]::new)), one -> {
                    try {
                        return family(name, one);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static ObjectNode without(ObjectNode row) {
        return row.deepCopy().without(List.of(VARIANTS));
    }

    private static ObjectNode varied(ObjectNode row, JsonNode... variants) {
        ObjectNode varied = without(row);
        for (JsonNode variant : variants) {
            replace(varied, (ObjectNode) variant, true);
            varied.remove(WHEN);
        }
        return varied;
    }

    private static Family family(String name, ObjectNode row) throws IOException {
        return MAPPER.treeToValue(row, Row.class).named(name);
    }

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
            @JsonProperty("rotary_layers") RotaryLayers rotaryLayers,
            @JsonProperty("sliding_rotary") SlidingRotary slidingRotary,
            Alibi alibi,
            @JsonProperty("norms_after_rotation") boolean normsAfterRotation,
            @JsonProperty("scaled_embedding") boolean scaledEmbedding,
            @JsonProperty("position_offset") int positionOffset,
            @JsonProperty(required = true) List<String> prefixes,
            @JsonProperty(required = true) Map<Part, String> parts,
            List<String> buffers,
            @JsonProperty(required = true) JsonNode settings,
            Map<String, JsonNode> fixed,
            List<String> inert,
            @JsonProperty("bias_keys") Map<String, List<Part>> biasKeys,
            @JsonProperty("denied_by_default") List<String> deniedByDefault,
            @JsonProperty("rotary_types") List<String> rotaryTypes,
            @JsonProperty("even_rotary") boolean evenRotary,
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
                    or(rotaryLayers, RotaryLayers.ALL),
                    or(slidingRotary, SlidingRotary.SAME),
                    or(alibi, Alibi.NONE),
                    normsAfterRotation,
                    scaledEmbedding,
                    positionOffset,
                    prefixes,
                    parts,
                    or(buffers, List.of()),
                    sources(settings),
                    or(fixed, Map.of()),
                    or(inert, List.of()),
                    or(biasKeys, Map.of()),
                    or(deniedByDefault, List.of()),
                    or(rotaryTypes, List.of()),
                    evenRotary,
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
