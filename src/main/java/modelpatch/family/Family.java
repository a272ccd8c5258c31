package modelpatch.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

/**
 * One row of the table: a family of decoders that config.json names by {@code model_type}.
 *
 * @param modelType as config.json names it
 * @param implementation the class of the reference implementation (Hugging Face transformers)
 * @param weighsExpertInput whether the weight of an expert is put on what it reads, and not on what it gives
 * @param normsAfterRotation whether norms of queries and keys see them turned already
 * @param scaledEmbedding whether embeddings are multiplied by sqrt(d_model)
 * @param positionOffset the row of learned positions that position 0 reads
 * @param prefixes how the names of tensors may begin, the reference implementation's own way first
 * @param parts names without {@code .weight} and {@code .bias}; {@code %d} stands for the layer
 * @param buffers names of tensors that follow from the configuration and are passed over
 * @param settings which keys are read; the family has no other setting
 * @param fixed keys of which one value only is understood
 * @param inert keys that published configurations have and that the reference implementation does not read
 * @param biasKeys keys that, where they say false, deny the biases of these parts
 * @param deniedByDefault those of biasKeys that are false where they are absent
 * @param rotaryTypes the kinds of rotary scaling that the reference takes; all where it is empty
 * @param evenRotary whether the reference fails where an odd number of dimensions would turn
 * @param gguf how GGUF has it, if it does
 */
public record Family(
        String modelType,
        String implementation,
        NormKind norm,
        RotaryKind rotary,
        ProjectionKind projection,
        MlpKind mlp,
        MlpReads mlpReads,
        QueryKeyNorm queryKeyNorm,
        WeightOrder weights,
        WindowPattern windows,
        ExpertKind experts,
        RouterScore routerScore,
        boolean weighsExpertInput,
        RotaryLayers rotaryLayers,
        SlidingRotary slidingRotary,
        Alibi alibi,
        boolean normsAfterRotation,
        boolean scaledEmbedding,
        int positionOffset,
        List<String> prefixes,
        Map<Part, String> parts,
        List<String> buffers,
        Map<Setting, Source> settings,
        Map<String, JsonNode> fixed,
        List<String> inert,
        Map<String, List<Part>> biasKeys,
        List<String> deniedByDefault,
        List<String> rotaryTypes,
        boolean evenRotary,
        Optional<GgufForm> gguf) {

    private static final FamilyTable TABLE = FamilyTable.shipped();
    private static final SortedMap<String, Family> KNOWN = TABLE.families();

    public Family {
        prefixes = List.copyOf(prefixes);
        parts = Collections.unmodifiableMap(new EnumMap<>(parts));
        buffers = List.copyOf(buffers);
        settings = Collections.unmodifiableMap(new EnumMap<>(settings));
        fixed = Map.copyOf(fixed);
        inert = List.copyOf(inert);
        biasKeys = Map.copyOf(biasKeys);
        deniedByDefault = List.copyOf(deniedByDefault);
        rotaryTypes = List.copyOf(rotaryTypes);
    }

    /** Every family, by its name. */
    public static SortedMap<String, Family> known() {
        return KNOWN;
    }

    /**
     * The family that a GGUF file's {@code general.architecture} names: where there are several the one that a key of the file marks, else the one
     * of that name.
     *
     * @param has whether the file has a key, behind the architecture's name, above 0
     */
    public static Optional<Family> ofGguf(String architecture, Predicate<String> has) {
        List<Family> stored = Stream.concat(Stream.ofNullable(KNOWN.get(architecture)), KNOWN.values().stream())
                .filter(family -> family.gguf().stream()
                        .anyMatch(form -> form.architecture().equals(architecture)))
                .toList();
        return Stream.concat(
                        stored.stream().filter(family -> family.marks().stream().anyMatch(has)),
                        stored.stream().filter(family -> family.marks().isEmpty()))
                .findFirst();
    }

    private Set<String> marks() {
        return gguf.map(GgufForm::markedBy).orElse(Set.of());
    }

    /** Every architecture of GGUF that is known. */
    public static Set<String> ggufArchitectures() {
        return KNOWN.values().stream()
                .flatMap(family -> family.gguf().stream())
                .map(GgufForm::architecture)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The family as a configuration varies it: the row of the table with those of its variants whose keys have their values.
     *
     * @param config in the manner of config.json
     */
    public Family variant(JsonNode config) {
        return TABLE.variant(modelType, config);
    }

    /** Every key that some family reads, in one of its variants or all: its effect is understood somewhere. */
    public static Set<String> keysOfAll() {
        return TABLE.keys();
    }

    public boolean has(Part part) {
        return parts.containsKey(part);
    }

    /**
     * The tensor's name without prefix and ending.
     *
     * @param layer counts for parts of a block alone
     */
    public String name(Part part, int layer) {
        String name = parts.get(part);
        if (name == null) {
            throw new IllegalArgumentException(modelType + " has no " + part);
        }
        return name.replace("%d", Integer.toString(layer));
    }

    /** As {@link #name(Part, int)}, for a part of one expert. */
    public String name(Part part, int layer, int expert) {
        return name(part, layer).replace("%e", Integer.toString(expert));
    }

    /** The full name of a module in the reference implementation, such as {@code model.layers.0.self_attn.o_proj}. */
    public String canonical(Part part, String layer) {
        return (part == Part.UNEMBEDDING ? "" : prefixes.get(0))
                + parts.get(part).replace("%d", layer);
    }

    /** Whether every block has one. */
    public boolean isOfBlock(Part part) {
        return parts.get(part).contains("%d");
    }

    /** The key under which a configuration of this family is written to say a setting; empty where it has no such setting. */
    public Optional<String> key(Setting setting) {
        return Optional.ofNullable(settings.get(setting))
                .flatMap(source -> source.keys().stream().findFirst());
    }
}
