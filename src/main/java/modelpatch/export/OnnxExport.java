package modelpatch.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.PatchStack;

/**
 * A patched model as an ONNX directory that runtimes load: model.onnx (with model.onnx_data where it is large), tokenizer and configuration. It
 * appears under its name only after ONNX Runtime has given the engine's numbers from the written file, in every way of running it.
 */
public final class OnnxExport {
    private final DecoderLayout layout;
    private final PatchedWeights weights;
    private final PatchStack stack;
    private final Options options;

    /**
     * How to write and when to be content.
     *
     * @param form of the matrices
     * @param operators of the graph
     * @param largestFile bytes that model.onnx may have before its tensors move to model.onnx_data
     * @param apart whether patches stay low-rank factors in model.onnx, beside base weights in model.onnx_data: the data file is then the same
     *     for every patch of a base, and one of them serves several models
     * @param limit the largest difference of a logit that passes for float32
     * @param klLimit the largest mean KL divergence in nats that passes for every other form
     * @param threads of ONNX Runtime
     */
    public record Options(
            WeightForm form,
            Operators operators,
            long largestFile,
            boolean apart,
            double limit,
            double klLimit,
            int threads) {
        /** Float32, files as large as protobuf allows, and the promise of the design. */
        public static Options defaults() {
            return new Options(WeightForm.FP32, Operators.BASIC, OnnxFile.LARGEST_MESSAGE, false, 2e-4, 1e-2, 1);
        }

        private Parity.Measure measure() {
            return form == WeightForm.FP32 ? Parity.Measure.LOGIT_DIFFERENCE : Parity.Measure.KL_MEAN;
        }

        private double limitOfMeasure() {
            return form == WeightForm.FP32 ? limit : klLimit;
        }

        /** Of a file of another exporter, which need not support every way of running. */
        Parity parity(ParityCheck engine, OnnxModel written) {
            return engine.of(written, measure(), limitOfMeasure());
        }

        /** Of a file that was written here. */
        Parity parityInEveryWay(ParityCheck engine, OnnxModel written) {
            return engine.ofEveryWay(written, measure(), limitOfMeasure());
        }

        public Options withThreads(int count) {
            return new Options(form, operators, largestFile, apart, limit, klLimit, count);
        }

        public Options withForm(WeightForm other) {
            return new Options(other, operators, largestFile, apart, limit, klLimit, threads);
        }

        public Options withOperators(Operators other) {
            return new Options(form, other, largestFile, apart, limit, klLimit, threads);
        }

        public Options withLargestFile(long bytes) {
            return new Options(form, operators, bytes, apart, limit, klLimit, threads);
        }

        public Options withPatchesApart() {
            return new Options(form, operators, 0, true, limit, klLimit, threads);
        }

        public Options withLimit(double difference) {
            return new Options(form, operators, largestFile, apart, difference, klLimit, threads);
        }
    }

    OnnxExport(DecoderLayout layout, PatchedWeights weights, PatchStack stack, Options options) {
        this.layout = layout;
        this.weights = weights;
        this.stack = stack;
        this.options = options;
    }

    /**
     * Writes a patched model and proves it.
     *
     * @param base only read
     * @param check what the engine gave for the base with the stack on it
     * @param target a directory that does not exist yet or is empty
     * @return what the comparison found; the directory is there only where it {@link Parity#holds}
     * @throws modelpatch.BadInput when the target is taken, a patch does not fit or the disk is full
     */
    public static Parity write(Checkpoint base, PatchStack stack, ParityCheck check, Path target, Options options) {
        return of(base, stack, options).write(target, check);
    }

    /** Writes a patched model that no one has compared; for models that are too large to run here. */
    public static void writeUnproved(Checkpoint base, PatchStack stack, Path target, Options options) {
        OnnxExport export = of(base, stack, options);
        AtomicDirectory.write(
                target,
                directory -> {
                    export.fill(directory, Map.of("modelpatch.proof", "none"));
                    return true;
                },
                written -> true);
    }

    private static OnnxExport of(Checkpoint base, PatchStack stack, Options options) {
        Map<String, float[]> patched = stack.weights(base);
        PatchedWeights weights = new PatchedWeights(base, options.apart() ? Map.of() : patched);
        return new OnnxExport(DecoderLayout.of(base), weights, stack, options);
    }

    Parity write(Path target, ParityCheck check) {
        return AtomicDirectory.write(
                target,
                directory -> {
                    fill(directory, Map.of());
                    try (OnnxModel written = OnnxModel.open(directory, options.threads())) {
                        Parity parity = options.parityInEveryWay(check, written);
                        ParityFile.write(directory, parity, Optional.empty());
                        return parity;
                    }
                },
                Parity::holds);
    }

    private void fill(Path directory, Map<String, String> more) throws IOException {
        Companions companions = new Companions(weights.base());
        PatchRecord record = new PatchRecord(weights.base(), stack);
        Map<String, String> metadata = new TreeMap<>(record.keyValues());
        metadata.putAll(more);
        Map<String, LowRankFactors> apart = options.apart() ? LowRankFactors.of(stack, layout) : Map.of();
        OnnxWriter.write(
                layout,
                weights,
                options.form(),
                options.operators(),
                apart,
                metadata,
                directory,
                options.largestFile());
        companions.copy(directory);
        companions.writeMissing(directory);
        GenAiConfig.write(directory, layout.config(), companions);
        record.write(directory, stack.tensors());
    }
}
