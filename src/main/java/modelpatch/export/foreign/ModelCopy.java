package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A copy of the files of an ONNX model, in which tensors are rewritten where they lie, and proof that nothing else was. */
final class ModelCopy {
    /** Compared at one time. */
    private static final long PART = 1L << 28;

    private final Path model;
    private final Set<Path> files;
    private final Path directory;
    private final List<CopiedTensor> rewritten = new ArrayList<>();
    private long added;

    /**
     * @param files the model and its external data, which lie beside or below it
     * @param directory empty
     */
    ModelCopy(Path model, Set<Path> files, Path directory) throws IOException {
        this.model = model;
        this.files = files;
        this.directory = directory;
        for (Path file : files) {
            Path copy = copyOf(file);
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
    }

    /** Where the copied model lies. */
    Path file() {
        return copyOf(model);
    }

    private Path copyOf(Path file) {
        return directory.resolve(model.toAbsolutePath().getParent().relativize(file.toAbsolutePath()));
    }

    /**
     * Has the copy say something of itself, behind its last byte: fields of a protobuf message may come in any order, and of two with the same
     * key readers keep the later.
     */
    void describe(Map<String, String> metadata) throws IOException {
        ModelProto.Builder fields = ModelProto.newBuilder();
        metadata.forEach(
                (key, value) -> fields.addMetadataPropsBuilder().setKey(key).setValue(value));
        byte[] bytes = fields.build().toByteArray();
        Files.write(file(), bytes, StandardOpenOption.APPEND);
        added += bytes.length;
    }

    /** A tensor of the model, {@linkplain StoredTensor#isRewritable rewritable}, in the copy. */
    CopiedTensor open(StoredTensor tensor) throws IOException {
        try (FileChannel channel =
                FileChannel.open(copyOf(tensor.file()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            CopiedTensor copied = new CopiedTensor(
                    tensor.name(), tensor.bytes(), channel.map(MapMode.READ_WRITE, tensor.offset(), tensor.length()));
            rewritten.add(copied);
            return copied;
        }
    }

    /** Compares whole files: as many bytes may differ as were changed in rewritten tensors, and no more but what was added behind the model. */
    void requireRestUntouched() throws IOException {
        rewritten.forEach(CopiedTensor::force);
        long expected = rewritten.stream().mapToLong(CopiedTensor::changed).sum();
        long differing = 0;
        for (Path file : files) {
            differing += differing(file, copyOf(file), file.equals(model) ? added : 0);
        }
        if (differing != expected) {
            throw new IllegalStateException(differing + " bytes differ, but " + expected + " were rewritten");
        }
    }

    private static long differing(Path before, Path after, long added) throws IOException {
        try (FileChannel one = FileChannel.open(before, StandardOpenOption.READ);
                FileChannel other = FileChannel.open(after, StandardOpenOption.READ)) {
            if (one.size() + added != other.size()) {
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
}
