package modelpatch.model;

import java.util.List;
import java.util.OptionalLong;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.engine.Device;

/** What a checkpoint must bring before it is loaded: finite weights, and no more of them than memory is allowed for. */
final class Admission {
    /** Bytes of the engine itself with its working space. */
    private static final long ENGINE = 400L << 20;

    /** Names in a message. */
    private static final int NAMED = 5;

    private Admission() {}

    /** Bytes that a model needs: its float32 weights, and the engine with its working space. */
    static long memoryNeeded(Checkpoint checkpoint) {
        return ENGINE + 4 * parameters(checkpoint);
    }

    static long parameters(Checkpoint checkpoint) {
        return checkpoint.tensors().values().stream()
                .mapToLong(tensor -> tensor.shape().stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    static void requireMemory(Checkpoint checkpoint, LoadOptions options) {
        long needed = memoryNeeded(checkpoint);
        if (options.maxMemoryBytes() > 0 && needed > options.maxMemoryBytes()) {
            throw new BadInput(
                    "too little memory allowed",
                    checkpoint.name(),
                    "at least " + (needed >> 20) + " MB",
                    "--max-memory of " + (options.maxMemoryBytes() >> 20) + " MB",
                    "allow more or take a smaller model");
        }
        OptionalLong free = Device.current().freeBytes();
        if (free.isPresent() && free.getAsLong() < needed) {
            throw new BadInput(
                    "too little memory on the device",
                    checkpoint.name(),
                    "at least " + (needed >> 20) + " MB free on " + Device.current(),
                    (free.getAsLong() >> 20) + " MB",
                    "take another device or a smaller model");
        }
    }

    static void requireFinite(Checkpoint checkpoint) {
        List<String> broken = checkpoint.nonFinite();
        if (!broken.isEmpty()) {
            throw new BadInput(
                    "weights that are not finite",
                    String.join(", ", broken.subList(0, Math.min(NAMED, broken.size()))) + " in " + checkpoint.name(),
                    "finite numbers",
                    "NaN or infinity in " + broken.size() + " tensors",
                    "get the checkpoint again, or give --allow-nan to go on");
        }
    }
}
