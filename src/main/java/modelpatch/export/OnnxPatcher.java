package modelpatch.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.TensorKind;
import modelpatch.export.WeightMatch.Encoded;
import modelpatch.patch.PatchStack;

/**
 * Patches an ONNX model that some exporter made: finds the constants that hold the edited weights by their numbers, whatever they are called,
 * and rewrites only those. Every other byte of the files stays, and is compared.
 */
public final class OnnxPatcher {
    /** Compared at one time. */
    private static final long PART = 1L << 28;

    private final Checkpoint base;
    private final PatchStack stack;
    private final Path model;
    private final List<StoredTensor> constants;

    private OnnxPatcher(Checkpoint base, PatchStack stack, Path model) {
        this.base = base;
        this.stack = stack;
        this.model = model;
        this.constants = OnnxScan.of(model);
    }

    /**
     * One constant that was rewritten.
     *
     * @param tensor the edited weight
     * @param constant what the ONNX model calls it
     * @param how as it is, transposed, or a part of a fused matrix
     * @param bytes that differ from before
     */
    public record Rewritten(String tensor, String constant, String how, long bytes) {}

    /**
     * What was done.
     *
     * @param parity of the patched file with the engine; empty where no proof was asked for
     */
    public record Outcome(List<Rewritten> rewritten, Optional<Parity> parity) {
        /** Whether the directory is there. */
        public boolean holds() {
            return parity.map(Parity::holds).orElse(true);
        }
    }

    /**
     * Writes a patched copy.
     *
     * @param base what the patches were made for and the ONNX model was exported from; only read
     * @param model the ONNX file; its external data lie beside it
     * @param target a directory that does not exist yet or is empty
     * @param check what the engine gave for the patched base; empty to write without running the file
     * @throws BadInput when an edited weight is not found by its numbers, or the file cannot be run to prove it; nothing is written then
     */
    public static Outcome write(
            Checkpoint base,
            PatchStack stack,
            Path model,
            Path target,
            Optional<ParityCheck> check,
            OnnxExport.Options options) {
        return new OnnxPatcher(base, stack, model).write(target, check, options);
    }

    private Outcome write(Path target, Optional<ParityCheck> check, OnnxExport.Options options) {
        Map<String, float[]> patched = stack.weights(base);
        return AtomicDirectory.write(
                target,
                directory -> {
                    copy(directory);
                    List<Rewritten> rewritten = new ArrayList<>();
                    for (Map.Entry<String, float[]> edited : patched.entrySet()) {
                        rewritten.addAll(rewrite(edited.getKey(), edited.getValue(), directory));
                    }
                    requireRestUntouched(rewritten, directory);
                    Companions companions = new Companions(base);
                    companions.copyFrom(model.toAbsolutePath().getParent(), directory);
                    companions.copy(directory);
                    companions.writeMissing(directory);
                    companions.writeRecord(directory, stack, patched.keySet());
                    return new Outcome(
                            rewritten, check.map(engine -> prove(engine, copyOf(model, directory), options)));
                },
                Outcome::holds);
    }

    private static Parity prove(ParityCheck engine, Path file, OnnxExport.Options options) {
        try (OnnxModel written = OnnxModel.open(file, options.threads())) {
            Parity parity = options.parity(engine, written);
            Companions.writeParity(file.toAbsolutePath().getParent(), parity);
            return parity;
        }
    }

    private Set<Path> files() {
        Set<Path> files = constants.stream().map(StoredTensor::file).collect(Collectors.toCollection(TreeSet::new));
        files.add(model);
        return files;
    }

    private void copy(Path directory) throws IOException {
        for (Path file : files()) {
            Path copy = copyOf(file, directory);
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
    }

    private List<Rewritten> rewrite(String tensor, float[] values, Path directory) throws IOException {
        int rows = Math.toIntExact(base.tensor(tensor).shape().get(0));
        int columns = Math.toIntExact(base.tensor(tensor).shape().get(1));
        float[] before = new float[rows * columns];
        base.readFloat32(tensor, FloatBuffer.wrap(before));
        Map<TensorKind, Encoded> encoded = new EnumMap<>(TensorKind.class);
        List<Rewritten> rewritten = new ArrayList<>();
        BitSet found = new BitSet(rows);
        for (StoredTensor constant : constants) {
            if (constant.isFloat() && constant.isMatrix()) {
                Encoded weight =
                        encoded.computeIfAbsent(constant.kind(), kind -> Encoded.of(before, rows, columns, kind));
                Optional<WeightMatch> match = WeightMatch.of(weight, constant, constant.bytes());
                if (match.isPresent()) {
                    Encoded after = Encoded.of(values, rows, columns, constant.kind());
                    long bytes = write(match.get(), after, directory);
                    rewritten.add(
                            new Rewritten(tensor, constant.name(), match.get().how(rows), bytes));
                    found.set(
                            match.get().weightRow(),
                            match.get().weightRow() + match.get().count());
                }
            }
        }
        if (found.cardinality() < rows) {
            throw notFound(tensor, rows, columns, found.cardinality());
        }
        return rewritten;
    }

    private long write(WeightMatch match, Encoded after, Path directory) throws IOException {
        StoredTensor constant = match.constant();
        try (FileChannel channel = FileChannel.open(
                copyOf(constant.file(), directory), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer target = channel.map(MapMode.READ_WRITE, constant.offset(), constant.length());
            long changed = match.write(after, target);
            target.force();
            return changed;
        }
    }

    private Path copyOf(Path file, Path directory) {
        return directory.resolve(model.toAbsolutePath().getParent().relativize(file.toAbsolutePath()));
    }

    /** Compares whole files: as many bytes may differ as were changed at the places of edited weights, and no more. */
    private void requireRestUntouched(List<Rewritten> rewritten, Path directory) throws IOException {
        long differing = 0;
        for (Path file : files()) {
            differing += differing(file, copyOf(file, directory));
        }
        long expected = rewritten.stream().mapToLong(Rewritten::bytes).sum();
        if (differing != expected) {
            throw new IllegalStateException(differing + " bytes differ, but " + expected + " were rewritten");
        }
    }

    private static long differing(Path before, Path after) throws IOException {
        try (FileChannel one = FileChannel.open(before, StandardOpenOption.READ);
                FileChannel other = FileChannel.open(after, StandardOpenOption.READ)) {
            if (one.size() != other.size()) {
                throw new IllegalStateException(after + " has another size");
            }
            long differing = 0;
            for (long start = 0; start < one.size(); start += PART) {
                long length = Math.min(PART, one.size() - start);
                ByteBuffer left = one.map(MapMode.READ_ONLY, start, length);
                ByteBuffer right = other.map(MapMode.READ_ONLY, start, length);
                for (int at = left.mismatch(right); at >= 0; at = left.mismatch(right)) {
                    differing++;
                    left.position(left.position() + at + 1);
                    right.position(right.position() + at + 1);
                }
            }
            return differing;
        }
    }

    private BadInput notFound(String tensor, int rows, int columns, int found) {
        List<String> sameSize = constants.stream()
                .filter(constant -> constant.shape().stream().reduce(1L, (a, b) -> a * b) == (long) rows * columns)
                .map(constant -> constant.name() + " (" + constant.type() + ")")
                .limit(4)
                .toList();
        return new BadInput(
                "edited weight is not in the ONNX model",
                model.toString(),
                "the " + rows + " rows of " + tensor
                        + ", as float32, float16 or bfloat16, in either orientation, fused or not",
                found + " of them; of this size are "
                        + (sameSize.isEmpty() ? "no constants" : String.join(", ", sameSize)),
                "was it exported from another base, or quantised? Then export the patched model anew (--format onnx)");
    }
}
