package modelpatch.engine;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import modelpatch.BadInput;

/** An array of the engine. It is never changed by an operation; its memory belongs to the scope or the weights that made it. */
public record Tensor(PtNDArray array) {

    public long size(int dimension) {
        return array.getShape().get(dimension);
    }

    public long[] shape() {
        return array.getShape().getShape();
    }

    public Tensor plus(Tensor other) {
        return Engine.run("add", this, other);
    }

    public Tensor times(Tensor other) {
        return Engine.run("mul", this, other);
    }

    public Tensor times(double factor) {
        return Engine.run("mul", this, factor);
    }

    public Tensor reshape(long... shape) {
        return Engine.run("reshape", this, Engine.longs(shape));
    }

    public Tensor permute(long... order) {
        return Engine.run("permute", this, Engine.longs(order));
    }

    /** A view of {@code length} entries of one dimension. */
    public Tensor narrow(int dimension, long start, long length) {
        return Engine.run("narrow", this, (long) dimension, start, length);
    }

    /** A view at one index of one dimension, which disappears. */
    public Tensor select(int dimension, long index) {
        return Engine.run("select", this, (long) dimension, index);
    }

    public Tensor rows(int... ids) {
        return Engine.run("rows", this, Engine.ids(ids));
    }

    public static Tensor concatenate(int dimension, Tensor... parts) {
        return parts.length == 1 ? parts[0] : Engine.run("cat", parts, (long) dimension);
    }

    /**
     * The values in row-major order, copied.
     *
     * @throws BadInput where there are more than an array can hold
     */
    public float[] toFloats() {
        float[] values = new float[length()];
        slices(Engine.SLICE / Float.BYTES, (first, slice) -> {
            FloatBuffer part = slice.asFloatBuffer();
            part.get(values, (int) first, part.remaining());
        });
        return values;
    }

    public long[] toLongs() {
        long[] values = new long[length()];
        slices(Engine.SLICE / Long.BYTES, (first, slice) -> {
            LongBuffer part = slice.asLongBuffer();
            part.get(values, (int) first, part.remaining());
        });
        return values;
    }

    public double[] toDoubles() {
        double[] values = new double[length()];
        slices(Engine.SLICE / Double.BYTES, (first, slice) -> {
            DoubleBuffer part = slice.asDoubleBuffer();
            part.get(values, (int) first, part.remaining());
        });
        return values;
    }

    /** The rows of a matrix, copied; together they may be more than one array can hold. */
    public float[][] toRows() {
        int columns = Math.toIntExact(size(1));
        float[][] rows = new float[Math.toIntExact(size(0))][columns];
        long most = Math.max(1, Engine.SLICE / Float.BYTES / Math.max(1, columns)) * columns;
        slices(most, (first, slice) -> {
            FloatBuffer part = slice.asFloatBuffer();
            for (int row = (int) (first / columns); part.hasRemaining(); row++) {
                part.get(rows[row]);
            }
        });
        return rows;
    }

    private int length() {
        long size = array.getShape().size();
        if (size > Integer.MAX_VALUE - 8) {
            throw new BadInput(
                    "tensor too large to be taken out of the engine as a whole",
                    "a tensor of the shape " + array.getShape(),
                    "fewer than 2147483640 numbers",
                    String.valueOf(size),
                    "edit another tensor, or give shorter prompts");
        }
        return (int) size;
    }

    /** Takes the memory of a part of a tensor. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes one part.
         *
         * @param first where the part begins among all numbers, row-major
         * @param slice its bytes; the engine's own memory where the tensor lies in order
         */
        void take(long first, ByteBuffer slice);
    }

    /** Hands over all numbers in order, so many at most at a time; of an array elsewhere a copy on the processor, for so long. */
    void slices(long most, Sink sink) {
        switch (Device.current().kind()) {
            case CPU -> parts(most, sink);
            case GPU -> {
                PtNDArray here = array.toDevice(ai.djl.Device.cpu(), true);
                NDManager owner = here.getManager();
                new Tensor(here).parts(most, sink);
                here.close();
                if (owner != array.getManager()) {
                    owner.close(); // made by DJL for this copy alone
                }
            }
            case SHAPES -> {
                try (Engine.Scope scope = Engine.scope()) {
                    Engine.run("nothing_of", this).parts(most, sink);
                }
            }
        }
    }

    /** The same of an array on the processor. */
    void parts(long most, Sink sink) {
        long size = array.getShape().size();
        if (size == 0) {
            return;
        }
        if (size <= most) {
            sink.take(0, buffer());
            return;
        }
        try (Engine.Scope scope = Engine.scope()) {
            Tensor flat = reshape(-1);
            for (long first = 0; first < size; first += most) {
                sink.take(
                        first,
                        flat.narrow(0, first, Math.min(most, size - first)).buffer());
            }
        }
    }

    /** The bytes of a tensor on the processor that one buffer holds. */
    ByteBuffer buffer() {
        return JniUtils.getByteBuffer(array, true).order(ByteOrder.nativeOrder());
    }

    /** Moves the array to another owner. */
    public Tensor ownedBy(Engine.Owner owner) {
        array.attach(owner.manager());
        return this;
    }

    /** Marks a leaf whose gradient will be asked for. */
    public void requireGradient() {
        array.setRequiresGradient(true);
    }

    public void free() {
        array.close();
    }
}
