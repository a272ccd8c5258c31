package modelpatch.solve;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/** A matrix [rows, columns] in double. Immutable; what it does is what edits need of it, and EJML stays behind it. */
public final class Matrix {
    private final DMatrixRMaj values;

    private Matrix(DMatrixRMaj values) {
        this.values = values;
    }

    /** The same numbers, which nobody may change any more. */
    static Matrix of(DMatrixRMaj values) {
        return new Matrix(values);
    }

    /** The numbers themselves, for reading only. */
    DMatrixRMaj values() {
        return values;
    }

    /** Every number times a factor. */
    public Matrix scaled(double factor) {
        DMatrixRMaj scaled = values.copy();
        CommonOps_DDRM.scale(factor, scaled);
        return new Matrix(scaled);
    }

    /** @param rowMajor [rows, columns]; copied */
    public static Matrix of(int rows, int columns, double... rowMajor) {
        requireSize(rows, columns, rowMajor.length);
        return new Matrix(new DMatrixRMaj(rows, columns, true, rowMajor.clone()));
    }

    /** @param rowMajor [rows, columns]; copied */
    public static Matrix of(int rows, int columns, float[] rowMajor) {
        requireSize(rows, columns, rowMajor.length);
        DMatrixRMaj values = new DMatrixRMaj(rows, columns);
        for (int i = 0; i < rowMajor.length; i++) {
            values.data[i] = rowMajor[i];
        }
        return new Matrix(values);
    }

    private static void requireSize(int rows, int columns, int numbers) {
        if (numbers != rows * columns) {
            throw new IllegalArgumentException(numbers + " numbers make no matrix [" + rows + ", " + columns + "]");
        }
    }

    /** A matrix of {@code size} rows whose columns are the given vectors, [n][size]; copied. */
    public static Matrix ofColumns(int size, float[][] vectors) {
        DMatrixRMaj values = new DMatrixRMaj(size, vectors.length);
        for (int j = 0; j < vectors.length; j++) {
            for (int i = 0; i < size; i++) {
                values.set(i, j, vectors[j][i]);
            }
        }
        return new Matrix(values);
    }

    /** Of {@code rows} rows and no column. */
    public static Matrix withoutColumns(int rows) {
        return new Matrix(new DMatrixRMaj(rows, 0));
    }

    public static Matrix identity(int size) {
        return new Matrix(CommonOps_DDRM.identity(size));
    }

    public int rows() {
        return values.numRows;
    }

    public int columns() {
        return values.numCols;
    }

    public double get(int row, int column) {
        return values.get(row, column);
    }

    /** [rows, columns] row-major, rounded to float32. */
    public float[] toFloats() {
        float[] floats = new float[values.getNumElements()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values.data[i];
        }
        return floats;
    }

    /** One row; a copy. */
    public double[] row(int row) {
        double[] vector = new double[values.numCols];
        System.arraycopy(values.data, row * values.numCols, vector, 0, vector.length);
        return vector;
    }

    /** One column; a copy. */
    double[] column(int column) {
        double[] vector = new double[values.numRows];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = values.get(i, column);
        }
        return vector;
    }

    /** |column|, Euclidean. */
    public double columnNorm(int column) {
        double sum = 0;
        for (int i = 0; i < values.numRows; i++) {
            double v = values.get(i, column);
            sum += v * v;
        }
        return Math.sqrt(sum);
    }

    /** The mean |column|; 0 without columns. */
    public double meanColumnNorm() {
        double sum = 0;
        for (int j = 0; j < values.numCols; j++) {
            sum += columnNorm(j);
        }
        return values.numCols == 0 ? 0 : sum / values.numCols;
    }

    /** The mean |column|^2. */
    public double meanSquaredColumnNorm() {
        double sum = 0;
        for (int i = 0; i < values.getNumElements(); i++) {
            sum += values.data[i] * values.data[i];
        }
        return sum / values.numCols;
    }

    /** The norm of Frobenius. */
    public double norm() {
        return NormOps_DDRM.normF(values);
    }

    public Matrix transposed() {
        return new Matrix(CommonOps_DDRM.transpose(values, null));
    }

    public Matrix times(Matrix other) {
        return new Matrix(CommonOps_DDRM.mult(values, other.values, null));
    }

    public Matrix plus(Matrix other) {
        return new Matrix(CommonOps_DDRM.add(values, other.values, null));
    }

    public Matrix minus(Matrix other) {
        return new Matrix(CommonOps_DDRM.subtract(values, other.values, null));
    }

    /** {@code this + share (goal - this)}. */
    public Matrix towards(Matrix goal, double share) {
        DMatrixRMaj sum = values.copy();
        CommonOps_DDRM.scale(1 - share, sum);
        CommonOps_DDRM.addEquals(sum, share, goal.values);
        return new Matrix(sum);
    }

    /** The columns of this one, then those of the other. */
    public Matrix beside(Matrix other) {
        return new Matrix(CommonOps_DDRM.concatColumns(values, other.values, null));
    }

    /** The rows that stand at the selected places: [d_in, n] to [c, n]. */
    Matrix select(Columns places) {
        if (values.numRows != places.width()) {
            throw new IllegalArgumentException("keys have " + values.numRows + " entries, the map " + places.width());
        }
        DMatrixRMaj selected = new DMatrixRMaj(places.count(), values.numCols);
        for (int c = 0; c < places.count(); c++) {
            System.arraycopy(
                    values.data, places.index(c) * values.numCols, selected.data, c * values.numCols, values.numCols);
        }
        return new Matrix(selected);
    }

    /**
     * The mean of the columns of each group, [rows, groups].
     *
     * @param groups for each column the index of its group, ascending from 0
     */
    public Matrix means(int[] groups) {
        DMatrixRMaj mean = new DMatrixRMaj(values.numRows, groups[groups.length - 1] + 1);
        int[] counts = new int[mean.numCols];
        for (int column = 0; column < values.numCols; column++) {
            counts[groups[column]]++;
            for (int row = 0; row < values.numRows; row++) {
                mean.add(row, groups[column], values.get(row, column));
            }
        }
        for (int column = 0; column < mean.numCols; column++) {
            for (int row = 0; row < mean.numRows; row++) {
                mean.set(row, column, mean.get(row, column) / counts[column]);
            }
        }
        return new Matrix(mean);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
