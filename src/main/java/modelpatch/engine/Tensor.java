package modelpatch.engine;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteOrder;

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

    public Tensor minus(Tensor other) {
        return Engine.run("sub", this, other);
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

    /** The values in row-major order, copied. */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(array.getShape().size())];
        if (values.length > 0) {
            contiguous().order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
        }
        return values;
    }

    public long[] toLongs() {
        long[] values = new long[Math.toIntExact(array.getShape().size())];
        if (values.length > 0) {
            contiguous().order(ByteOrder.nativeOrder()).asLongBuffer().get(values);
        }
        return values;
    }

    public double[] toDoubles() {
        double[] values = new double[Math.toIntExact(array.getShape().size())];
        if (values.length > 0) {
            contiguous().order(ByteOrder.nativeOrder()).asDoubleBuffer().get(values);
        }
        return values;
    }

    public float[][] toRows() {
        int columns = Math.toIntExact(size(1));
        float[] flat = toFloats();
        float[][] rows = new float[Math.toIntExact(size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = java.util.Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    private java.nio.ByteBuffer contiguous() {
        return JniUtils.getByteBuffer(array, true);
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
