package modelpatch.export;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.checkpoint.TensorKind;
import modelpatch.patch.PatchStack;

/**
 * A patched model as a checkpoint of its own. Safetensors keep their layout: the same files with the same headers, in which only the bytes of
 * edited tensors differ, cast to the kind that stood there. GGUF becomes one safetensors file of float32, because a quantised base is never
 * rewritten. The directory appears whole under its name, after every tensor in it has been compared with what it should be.
 */
final class MergedCheckpoint {
    private final Checkpoint base;
    private final PatchStack stack;
    private final Map<String, float[]> patched;

    private MergedCheckpoint(Checkpoint base, PatchStack stack) {
        this.base = base;
        this.stack = stack;
        this.patched = withTied(base, stack.weights(base));
    }

    /**
     * Writes the patched model.
     *
     * @param base only read
     * @param target a directory that does not exist yet or is empty
     * @return what the cast to the stored kind did to each edited tensor, by name
     * @throws BadInput when the target is taken, a patch does not fit, an edited tensor is of a kind that cannot be written, or the disk is
     *     full; nothing is left at the target then
     */
    static List<CastLoss> write(Checkpoint base, PatchStack stack, Path target) {
        return new MergedCheckpoint(base, stack).write(target);
    }

    /** What to open of a model written to a directory: the directory, or the one weight file where the base was no more than that. */
    static Path model(Checkpoint base, Path directory) {
        boolean oneFile = base.format() == Checkpoint.Format.SAFETENSORS && !Files.isDirectory(base.path());
        return oneFile ? directory.resolve(base.path().getFileName()) : directory;
    }

    /**
     * Where the configuration ties embedding and unembedding and both are stored, an edit of one is an edit of the other. They are told by
     * their rows, one per token, and their equal bytes; other tensors that happen to be equal are left alone.
     */
    static Map<String, float[]> withTied(Checkpoint base, Map<String, float[]> weights) {
        Map<String, float[]> all = new TreeMap<>(weights);
        long tokens = base.config().path("vocab_size").asLong(-1);
        if (base.config().path("tie_word_embeddings").asBoolean(false)) {
            for (String edited : weights.keySet()) {
                List<Long> shape = base.tensor(edited).shape();
                for (TensorInfo other : base.tensors().values()) {
                    boolean twin = shape.get(0) == tokens
                            && other.shape().equals(shape)
                            && base.digest(other.name()).equals(base.digest(edited));
                    if (twin) {
                        all.putIfAbsent(other.name(), weights.get(edited));
                    }
                }
            }
        }
        return all;
    }

    private List<CastLoss> write(Path target) {
        Companions companions = new Companions(base);
        return AtomicDirectory.write(
                target,
                directory -> {
                    if (base.format() == Checkpoint.Format.GGUF) {
                        writeDecoded(directory);
                    } else {
                        copyInLayout(directory);
                    }
                    companions.copy(directory);
                    if (base.format() == Checkpoint.Format.GGUF) {
                        companions.writeMissing(directory);
                    }
                    new PatchRecord(base, stack).write(directory, patched.keySet());
                    return compare(directory);
                },
                losses -> true);
    }

    /** Copies the weight files and overwrites the bytes of edited tensors in the copies. */
    private void copyInLayout(Path directory) throws IOException {
        for (Path file : weightFiles()) {
            Path copy = directory.resolve(file.getFileName());
            Files.copy(file, copy);
            try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                for (Map.Entry<String, float[]> edited : patched.entrySet()) {
                    TensorInfo info = base.tensor(edited.getKey());
                    if (info.file().equals(file)) {
                        channel.position(info.offset());
                        outgoing(info, edited.getValue()).writeTo(channel);
                    }
                }
                channel.force(true);
            }
        }
        Path index = base.path().resolve("model.safetensors.index.json");
        if (Files.isDirectory(base.path()) && Files.exists(index)) {
            Files.copy(index, directory.resolve(index.getFileName()));
        }
    }

    private Set<Path> weightFiles() {
        Set<Path> files = new TreeSet<>();
        base.tensors().values().forEach(info -> files.add(info.file()));
        return files;
    }

    private OutgoingTensor outgoing(TensorInfo info, float[] values) {
        if (info.kind() == TensorKind.F64) {
            throw new BadInput(
                    "edited tensor is of a kind that edits cannot be written to",
                    info.name(),
                    "F32, F16 or BF16",
                    info.kind().toString(),
                    "store the base as F32");
        }
        return OutgoingTensor.encoded(info.name(), info.kind(), info.shape(), () -> FloatBuffer.wrap(values));
    }

    private void writeDecoded(Path directory) {
        List<OutgoingTensor> tensors = new ArrayList<>();
        for (TensorInfo info : base.tensors().values()) {
            float[] values = patched.get(info.name());
            if (values != null) {
                tensors.add(OutgoingTensor.float32(info.name(), info.shape(), values));
            } else if (info.kind().isWeight()) {
                tensors.add(OutgoingTensor.decoded(base, info.name()));
            }
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        Companions.write(directory.resolve("config.json"), base.config().toPrettyString());
    }

    /** Reads the written files back: every other tensor as it was, byte for byte where it is stored as before. */
    private List<CastLoss> compare(Path directory) {
        List<CastLoss> losses = new ArrayList<>();
        boolean sameKinds = base.format() == Checkpoint.Format.SAFETENSORS;
        try (Checkpoint merged = Checkpoint.open(model(base, directory))) {
            Map<String, float[]> expected = new HashMap<>(patched);
            for (TensorInfo info : base.tensors().values()) {
                float[] values = expected.remove(info.name());
                if (values != null) {
                    losses.add(CastLoss.of(base, merged, info.name(), values));
                } else if (sameKinds && !merged.digest(info.name()).equals(base.digest(info.name()))) {
                    throw new IllegalStateException(info.name() + " changed while it was copied");
                }
            }
        }
        return losses;
    }
}
