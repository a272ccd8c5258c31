package modelpatch.export.foreign;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;

/**
 * Patches a copy of an ONNX model that some exporter made: finds the constants that hold the edited weights by their numbers, whatever they are
 * called, and rewrites only those. Every other byte of the files stays, and is compared; what the copy says of itself comes behind the last.
 */
public final class OnnxPatcher {
    private final Path model;
    private final OnnxScan scan;
    private final ModelCopy copy;
    private final boolean requantises;

    private OnnxPatcher(Path model, OnnxScan scan, ModelCopy copy, boolean requantises) {
        this.model = model;
        this.scan = scan;
        this.copy = copy;
        this.requantises = requantises;
    }

    /**
     * Copies the model's files.
     *
     * @param model the ONNX file; its external data lie beside it; only read
     * @param directory empty
     * @param requantises whether edited weights that are quantised are quantised again as the file has them; else they are refused
     * @throws BadInput when the file is no ONNX model
     */
    public static OnnxPatcher of(Path model, Path directory, boolean requantises) throws IOException {
        OnnxScan scan = OnnxScan.of(model);
        Set<Path> files =
                scan.constants().stream().map(StoredTensor::file).collect(Collectors.toCollection(TreeSet::new));
        files.add(model);
        return new OnnxPatcher(model, scan, new ModelCopy(model, files, directory), requantises);
    }

    /** Where the copied model lies. */
    public Path file() {
        return copy.file();
    }

    /** Has the copy say something of itself, under keys of its metadata. */
    public void describe(Map<String, String> metadata) throws IOException {
        copy.describe(metadata);
    }

    /**
     * Puts patched weights in the places of the base's.
     *
     * @param base what the ONNX model was exported from; only read
     * @param patched by name, row-major as the base stores them
     * @throws BadInput when one is not found by its numbers, or is quantised against what was asked
     */
    public List<Rewritten> rewrite(Checkpoint base, Map<String, float[]> patched) throws IOException {
        try {
            List<WeightConstant> constants = WeightConstant.of(scan);
            List<Rewritten> rewritten = new ArrayList<>();
            for (Map.Entry<String, float[]> edited : patched.entrySet()) {
                rewritten.addAll(rewrite(EditedWeight.of(base, edited.getKey(), edited.getValue()), constants));
            }
            copy.requireRestUntouched();
            return rewritten;
        } catch (InternalError e) {
            throw OnnxScan.cut(model, e);
        }
    }

    private List<Rewritten> rewrite(EditedWeight weight, List<WeightConstant> constants) throws IOException {
        List<Rewritten> rewritten = new ArrayList<>();
        BitSet found = new BitSet(weight.rows());
        for (WeightConstant constant : constants) {
            Optional<Placement> placement = constant.find(weight);
            if (placement.isPresent()) {
                if (constant instanceof QuantisedConstant && !requantises) {
                    throw quantised(weight, constant);
                }
                rewritten.add(constant.rewrite(placement.get(), copy));
                int first = placement.get().weightRow();
                found.set(first, first + placement.get().count());
            }
        }
        if (found.cardinality() < weight.rows()) {
            throw notFound(weight, found.cardinality());
        }
        return rewritten;
    }

    private BadInput quantised(EditedWeight weight, WeightConstant constant) {
        return new BadInput(
                "edited weight is quantised in the ONNX model",
                model.toString(),
                weight.name() + " as float32, float16 or bfloat16",
                constant.form() + ", in constant " + constant.name(),
                "give --requantise to quantise the patched weight as this file does, or export the patched model anew"
                        + " (--format onnx)");
    }

    private BadInput notFound(EditedWeight weight, int found) {
        List<String> sameSize = scan.constants().stream()
                .filter(constant -> constant.elements() == (long) weight.rows() * weight.columns())
                .map(constant -> constant.name() + " (" + constant.type() + ")")
                .limit(4)
                .toList();
        return new BadInput(
                "edited weight is not in the ONNX model",
                model.toString(),
                "the " + weight.rows() + " rows of " + weight.name()
                        + ", as float32, float16 or bfloat16 or quantised from them, in either orientation, fused or not",
                found + " of them; of this size are "
                        + (sameSize.isEmpty() ? "no constants" : String.join(", ", sameSize)),
                "was it exported from another base, or quantised in a way that is not known here? Then export the"
                        + " patched model anew (--format onnx)");
    }
}
