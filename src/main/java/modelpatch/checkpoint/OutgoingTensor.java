package modelpatch.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.function.Supplier;
import modelpatch.BadInput;

/**
 * A tensor on its way into a safetensors file. Its bytes are asked for once, when their turn comes, and need not all exist at one time.
 *
 * @param name its name in the file
 * @param kind how it is stored; one that safetensors can hold
 * @param shape row-major, outermost first
 * @param content hands its bytes, little endian, to a sink
 */
public record OutgoingTensor(String name, TensorKind kind, List<Long> shape, Content content) {
    private static final int CHUNK = 1 << 14;

    /** Where a tensor's bytes come from. */
    @FunctionalInterface
    public interface Content {
        /** Hands over all bytes in order; the sink takes each buffer's remaining bytes before it returns. */
        void writeTo(IoConsumer<ByteBuffer> sink) throws IOException;

        /**
         * Writes them where a channel stands.
         *
         * @param promised how many there must be
         * @param what names the tensor in the message
         * @throws IllegalArgumentException where there are fewer or more
         */
        default void writeTo(FileChannel channel, long promised, String what) throws IOException {
            long start = channel.position();
            writeTo(buffer -> AtomicFile.writeAll(channel, buffer));
            long written = channel.position() - start;
            if (written != promised) {
                throw new IllegalArgumentException(what + ", " + promised + " bytes, but gave " + written);
            }
        }
    }

    public OutgoingTensor {
        shape = List.copyOf(shape);
        if (!kind.inSafetensors()) {
            throw new IllegalArgumentException("safetensors cannot hold " + kind + " (" + name + ")");
        }
    }

    /** Bytes of all its elements. */
    public long bytes() {
        return kind.bytes(shape.stream().reduce(1L, Math::multiplyExact));
    }

    /** SHA-256 of its bytes, in hexadecimal. */
    public String digest() {
        Sha256 sha = new Sha256();
        try {
            content.writeTo(sha::add);
        } catch (IOException e) {
            throw BadInput.of(name, "cannot be read: " + e.getMessage()).causedBy(e);
        }
        return sha.hex();
    }

    /** Writes it where a channel stands. */
    public void writeTo(FileChannel channel) throws IOException {
        content.writeTo(channel, bytes(), name + " is " + kind + " " + shape);
    }

    /**
     * The bytes of a tensor as they are stored, whatever their kind.
     *
     * @throws BadInput for a quantised tensor, whose kind safetensors does not have; see {@link #decoded}
     */
    public static OutgoingTensor stored(Checkpoint checkpoint, String name) {
        TensorInfo info = checkpoint.tensor(name);
        if (!info.kind().inSafetensors()) {
            throw new BadInput(
                    "cannot be kept as it is stored",
                    info.where(),
                    "a kind that safetensors has",
                    info.kind().toString(),
                    "write it as float32");
        }
        return new OutgoingTensor(name, info.kind(), info.shape(), sink -> checkpoint.readStored(name, sink));
    }

    /** A weight of any kind as float32. */
    public static OutgoingTensor decoded(Checkpoint checkpoint, String name) {
        return encoded(checkpoint, name, TensorKind.F32);
    }

    /**
     * A weight of any kind as F32, F16 or BF16, rounded to the nearest, ties to even; a part of it at a time, so that its size does not matter.
     *
     * @throws BadInput when written, where a finite number is too large for the kind
     */
    public static OutgoingTensor encoded(Checkpoint checkpoint, String name, TensorKind kind) {
        requireFloat(name, kind);
        if (checkpoint.isStoredAs(name, kind)) {
            return stored(checkpoint, name);
        }
        return new OutgoingTensor(
                name,
                kind,
                checkpoint.tensor(name).shape(),
                sink -> checkpoint.decode(name, part -> encode(name, kind, part, sink)));
    }

    /**
     * Numbers stored as they are.
     *
     * @param values in the order of the shape; read when written, not modified
     */
    public static OutgoingTensor float32(String name, List<Long> shape, float[] values) {
        return encoded(name, TensorKind.F32, shape, () -> FloatBuffer.wrap(values));
    }

    /**
     * Numbers stored as F32, F16 or BF16, rounded to the nearest, ties to even.
     *
     * @param values in the order of the shape; asked for when written; only its position is modified
     * @throws BadInput when written, where a finite number is too large for the kind
     */
    public static OutgoingTensor encoded(String name, TensorKind kind, List<Long> shape, Supplier<FloatBuffer> values) {
        requireFloat(name, kind);
        return new OutgoingTensor(name, kind, shape, sink -> encode(name, kind, values.get(), sink));
    }

    private static void requireFloat(String name, TensorKind kind) {
        if (kind != TensorKind.F32 && kind != TensorKind.F16 && kind != TensorKind.BF16) {
            throw new IllegalArgumentException("float32 is not encoded as " + kind + " (" + name + ")");
        }
    }

    /** Hands over numbers as F32, F16, BF16 or, in whole blocks, Q8_0. */
    static void encode(String name, TensorKind kind, FloatBuffer values, IoConsumer<ByteBuffer> sink)
            throws IOException {
        if (kind == TensorKind.Q8_0) {
            BlockEncoder.encode(values, sink);
            return;
        }
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * kind.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            chunk.clear();
            int n = Math.min(CHUNK, values.remaining());
            if (kind == TensorKind.F32) {
                chunk.asFloatBuffer().put(values.slice().limit(n));
                values.position(values.position() + n);
            } else {
                for (int i = 0; i < n; i++) {
                    chunk.putShort(kind.blockBytes() * i, narrow(name, kind, values.get()));
                }
            }
            sink.accept(chunk.limit(n * kind.blockBytes()));
        }
    }

    private static short narrow(String name, TensorKind kind, float value) {
        boolean half = kind == TensorKind.F16;
        short bits = half ? HalfPrecision.toHalf(value) : HalfPrecision.toBrain(value);
        float stored = half ? HalfPrecision.fromHalf(bits) : HalfPrecision.fromBrain(bits);
        if (Float.isInfinite(stored) && !Float.isInfinite(value)) {
            throw new BadInput(
                    "too large for " + kind,
                    name,
                    "numbers that " + kind + " can hold",
                    String.valueOf(value),
                    "store it as F32");
        }
        return bits;
    }
}
