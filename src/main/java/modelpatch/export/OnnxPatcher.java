package modelpatch.export;

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
import modelpatch.patch.PatchStack;

/**
 * Patches an ONNX model that some exporter made: finds the constants that hold the edited weights by their numbers, whatever they are called,
 * and rewrites only those. Every other byte of the files stays, and is compared; the patches' names come behind the last.
 */
public final class OnnxPatcher {
    private final Checkpoint base;
    private final PatchStack stack;
    private final Path model;
    private final boolean requantises;
    private final Optional<ParityCheck> unpatched;

    private OnnxPatcher(
            Checkpoint base, PatchStack stack, Path model, boolean requantises, Optional<ParityCheck> unpatched) {
        this.base = base;
        this.stack = stack;
        this.model = model;
        this.requantises = requantises;
        this.unpatched = unpatched;
    }

    /**
     * One constant that was rewritten.
     *
     * @param tensor the edited weight
     * @param constant what the ONNX model calls it
     * @param how as it is, transposed, or a part of a fused matrix; and how it is quantised, where it is
     * @param bytes that differ from before
     * @param requantised what became of the edit; empty where it is stored as floating-point numbers
     */
    public record Rewritten(
            String tensor, String constant, String how, long bytes, Optional<Requantised> requantised) {}

    /**
     * What was done.
     *
     * @param given of the file as it was given with the unpatched engine; empty where that was not asked for
     * @param parity of the patched file with the engine; empty where no proof was asked for
     */
    public record Outcome(List<Rewritten> rewritten, Optional<Parity> given, Optional<Parity> parity) {
        /** Whether the directory is there. */
        public boolean holds() {
            return parity.map(Parity::holds).orElse(true);
        }
    }

    /**
     * A patcher that refuses models in which an edited weight is quantised.
     *
     * @param base what the patches were made for and the ONNX model was exported from; only read
     * @param model the ONNX file; its external data lie beside it; only read
     */
    public static OnnxPatcher of(Checkpoint base, PatchStack stack, Path model) {
        return new OnnxPatcher(base, stack, model, false, Optional.empty());
    }

    /**
     * The same for models that are quantised: edited weights are quantised again as the file has them, and the file is judged by its mean KL
     * divergence from the engine.
     *
     * @param engine what it gave without the patches: as far as the given file is from that, the patched one may be from the patched engine,
     *     beside what reduced precision may differ anyway; empty to allow for nothing
     */
    public OnnxPatcher requantising(Optional<ParityCheck> engine) {
        return new OnnxPatcher(base, stack, model, true, engine);
    }

    /**
     * Writes a patched copy.
     *
     * @param target a directory that does not exist yet or is empty
     * @param check what the engine gave for the patched base; empty to write without running the file
     * @throws BadInput when an edited weight is not found by its numbers, or the file cannot be run to prove it; nothing is written then
     */
    public Outcome write(Path target, Optional<ParityCheck> check, OnnxExport.Options options) {
        Map<String, float[]> patched = stack.weights(base);
        OnnxScan scan = OnnxScan.of(model);
        List<WeightConstant> constants = WeightConstant.of(scan);
        return AtomicDirectory.write(
                target,
                directory -> {
                    ModelCopy copy = new ModelCopy(model, files(scan), directory);
                    Companions companions = new Companions(base);
                    companions.copyFrom(model.toAbsolutePath().getParent(), directory);
                    companions.copy(directory);
                    companions.writeMissing(directory);
                    PatchRecord record = new PatchRecord(base, stack);
                    record.write(directory, patched.keySet());
                    copy.describe(record.keyValues());
                    copy.describe(Map.of("modelpatch.proof", check.isPresent() ? ParityFile.NAME : "none"));
                    Optional<Parity> given = unpatched.map(engine -> compare(engine, copy, options, 0));
                    List<Rewritten> rewritten = new ArrayList<>();
                    for (Map.Entry<String, float[]> edited : patched.entrySet()) {
                        EditedWeight weight = EditedWeight.of(base, edited.getKey(), edited.getValue());
                        rewritten.addAll(rewrite(weight, scan, constants, copy));
                    }
                    copy.requireRestUntouched();
                    double allowed = given.map(Parity::klMean).orElse(0.0);
                    Optional<Parity> parity = check.map(engine -> compare(engine, copy, options, allowed));
                    parity.ifPresent(proof -> ParityFile.write(directory, proof, given));
                    return new Outcome(rewritten, given, parity);
                },
                Outcome::holds);
    }

    private Set<Path> files(OnnxScan scan) {
        Set<Path> files =
                scan.constants().stream().map(StoredTensor::file).collect(Collectors.toCollection(TreeSet::new));
        files.add(model);
        return files;
    }

    /** Runs the copy as it is now; {@code allowed} is added to the limit of a mean KL divergence. */
    private Parity compare(ParityCheck engine, ModelCopy copy, OnnxExport.Options options, double allowed) {
        try (OnnxModel written = OnnxModel.open(copy.file(), options.threads())) {
            return requantises
                    ? engine.of(written, Parity.Measure.KL_MEAN, options.klLimit() + allowed)
                    : options.parity(engine, written);
        }
    }

    private List<Rewritten> rewrite(EditedWeight weight, OnnxScan scan, List<WeightConstant> constants, ModelCopy copy)
            throws IOException {
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
            throw notFound(weight, scan, found.cardinality());
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

    private BadInput notFound(EditedWeight weight, OnnxScan scan, int found) {
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
