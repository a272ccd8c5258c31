package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.LongStream;
import modelpatch.BadInput;
import modelpatch.family.Family;
import modelpatch.family.GgufForm;
import modelpatch.family.Part;
import modelpatch.family.Switches.ProjectionKind;
import modelpatch.family.Switches.WeightOrder;

/**
 * One family of GGUF models: what the tensors of a file are in the Hugging Face layout, and where it keeps their rows. {@link GgufConfig} says which
 * configuration the metadata amounts to.
 */
final class GgufArchitecture {
    private static final Set<Part> EXPERTS = Set.of(Part.EXPERT_GATE, Part.EXPERT_IN, Part.EXPERT_OUT);

    /** The linear layers of a block that some families keep as [in, out]; GGUF never does. */
    private static final Set<Part> LINEARS = Set.of(Part.QUERY_KEY_VALUE, Part.OUTPUT, Part.MLP_IN, Part.MLP_OUT);

    private final Family family;
    private final GgufForm form;
    private final GgufNames names;
    private final GgufMetadata metadata;
    private final GgufConfig config;

    private GgufArchitecture(GgufMetadata metadata, GgufConfig config) {
        this.family = config.family();
        this.form = family.gguf().orElseThrow();
        this.names = new GgufNames(family);
        this.metadata = metadata;
        this.config = config;
    }

    /**
     * The architecture of a file.
     *
     * @param metadata all key-values
     * @param tensors names of all tensors, as the file has them
     * @throws BadInput for an architecture or a key that is not known
     */
    static GgufArchitecture of(Path file, Map<String, JsonNode> metadata, Set<String> tensors) {
        JsonNode stated = metadata.get("general.architecture");
        String name = stated == null ? "none" : stated.asText();
        GgufMetadata own = new GgufMetadata(file, name, metadata);
        Family family = Family.ofGguf(name, own::isAbove0)
                .orElseThrow(
                        () -> new BadInput(
                                "unsupported architecture",
                                "general.architecture of " + file,
                                "one of " + Family.ggufArchitectures(),
                                name,
                                "its tensor names, row orders and switches are not known for GGUF; use the model's safetensors checkpoint"));
        return new GgufArchitecture(own, GgufConfig.of(family, own, tensors));
    }

    /**
     * A tensor of the Hugging Face layout in a tensor of the file.
     *
     * @param shape in the layout
     * @param first which of the stored elements it begins with
     * @param form how its elements are stored where they are not in the order of the shape
     */
    record Piece(String name, List<Long> shape, long first, Optional<StoredForm> form) {
        long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        /** The shape in the file. */
        List<Long> storedShape() {
            return form.orElse(null) instanceof StoredForm.Transposed turned
                    ? List.of(turned.columns(), turned.rows())
                    : shape;
        }
    }

    /**
     * The tensors that a stored one holds, in its order: itself, the matrices of all experts or the norms of all heads.
     *
     * @param shape as in the file
     * @throws BadInput for a tensor that this architecture does not have, because leaving it out would give wrong numbers
     */
    List<Piece> pieces(String tensor, List<Long> shape) {
        if (RopeScaling.isFactors(tensor)) {
            return List.of(new Piece(tensor, shape, 0, Optional.empty()));
        }
        GgufNames.Named named = names.find(tensor)
                .orElseThrow(() -> metadata.refuse("unknown tensor", "the tensors of " + form.architecture(), tensor));
        if (named.isStack()) {
            return stack(named, shape);
        }
        Optional<StoredForm> stored = storedForm(named.part(), named.isWeight(), named.pattern(), shape);
        return List.of(new Piece(named.pattern(), layoutShape(named.part(), stored, shape), 0, stored));
    }

    private List<Piece> stack(GgufNames.Named named, List<Long> shape) {
        long members = EXPERTS.contains(named.part())
                ? config.experts()
                : named.part() == Part.QUERY_NORM ? config.heads() : config.keyValueHeads();
        if (shape.size() < 2 || shape.get(0) != members) {
            throw metadata.refuse("wrong shape of " + named.pattern(), members + " of one shape", shape.toString());
        }
        List<Long> own = shape.subList(1, shape.size());
        long size = own.stream().reduce(1L, Math::multiplyExact);
        return LongStream.range(0, members)
                .mapToObj(i -> new Piece(named.member(i), own, i * size, Optional.empty()))
                .toList();
    }

    private static List<Long> layoutShape(Part part, Optional<StoredForm> stored, List<Long> shape) {
        if (stored.orElse(null) instanceof StoredForm.Transposed turned) {
            return List.of(turned.rows(), turned.columns());
        }
        boolean squeezed = part == Part.SHARED_SHARE && shape.size() == 1;
        return squeezed ? List.of(1L, shape.get(0)) : shape;
    }

    /**
     * How a tensor is stored where it is not as its shape and name say.
     *
     * @param shape in the layout
     */
    Optional<StoredForm> storedForm(String huggingFaceName, List<Long> shape) {
        return names.part(huggingFaceName)
                .flatMap(part -> storedForm(part, huggingFaceName.endsWith(".weight"), huggingFaceName, shape));
    }

    private Optional<StoredForm> storedForm(Part part, boolean isWeight, String name, List<Long> shape) {
        if (part.isNorm() && form.wholeGains() && isWeight) {
            return Optional.of(new StoredForm.Shifted(1));
        }
        boolean query = part == Part.QUERY;
        if (form.permuted() && (query || part == Part.KEY)) {
            requireRows(name, shape, query ? config.heads() : config.keyValueHeads());
            return Optional.of(new StoredForm.Interleaved((int) config.dHead()));
        }
        if (part == Part.QUERY_KEY_VALUE && family.projection() == ProjectionKind.PER_HEAD) {
            requireRows(name, shape, config.heads() + 2 * config.keyValueHeads());
            long queries = config.heads() / config.keyValueHeads();
            return Optional.of(new StoredForm.Ungrouped(config.keyValueHeads(), queries, config.dHead()));
        }
        if (family.weights() == WeightOrder.IN_OUT && LINEARS.contains(part) && shape.size() == 2) {
            return Optional.of(new StoredForm.Transposed(shape.get(1), shape.get(0)));
        }
        return Optional.empty();
    }

    private void requireRows(String name, List<Long> shape, long heads) {
        long rows = heads * config.dHead();
        if (shape.isEmpty() || shape.get(0) != rows) {
            throw metadata.refuse(
                    "wrong shape of " + name, rows + " rows, as many as the heads ask for", shape.toString());
        }
    }

    /**
     * The Hugging Face style configuration.
     *
     * @param factors of rotary frequencies, by the name of the tensor
     */
    ObjectNode config(SortedMap<String, TensorInfo> tensors, Map<String, float[]> factors) {
        return config.of(tensors, factors);
    }
}
