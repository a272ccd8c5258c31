package modelpatch.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;

/**
 * The rows of the least-squares problem of one linear map (see the package): keys that must move and keys that must stay, each with a
 * weight. {@link #EXACT} makes a row an equality.
 */
public final class KeyRows {
    /** The weight of a row that must hold exactly. */
    public static final double EXACT = Double.POSITIVE_INFINITY;

    /** Below this cosine between k and u = M^-1 k (or this share of the whole key) a key cannot carry an edit. */
    static final double SMALLEST_SHARE = 1e-9;

    private final String site;
    private final Columns columns;
    private final List<Row> rows = new ArrayList<>();

    /** @param key [c, 1], the selected entries of the key */
    private record Row(DMatrixRMaj key, double weight, boolean moved) {
        boolean exact() {
            return Double.isInfinite(weight);
        }
    }

    private KeyRows(String site, Columns columns) {
        this.site = site;
        this.columns = columns;
    }

    /**
     * No rows yet.
     *
     * @param site the map that is edited, for messages
     * @param columns the inputs that the edit may read
     */
    public static KeyRows at(String site, Columns columns) {
        return new KeyRows(site, columns);
    }

    /**
     * Adds keys that must move. The movements themselves come later, by {@link Gain#delta}: the solution is linear in them.
     *
     * @param keys K [d_in, n]; not modified
     * @param weight weight of every one of them, or {@link #EXACT}
     * @throws BadInput when a key is zero on the selected columns
     */
    public KeyRows move(Matrix keys, double weight) {
        return move(keys, alike(weight, keys.columns()));
    }

    /** As {@link #move(Matrix, double)}, each key with its own weight, [n]. */
    public KeyRows move(Matrix keys, double[] weights) {
        return add(keys, weights, true);
    }

    /**
     * Adds keys that must stay where they are.
     *
     * @param keys [d_in, n]; not modified
     * @param weight weight of the whole group (each key has its n-th part, so a group's size does not change its say), or {@link #EXACT}
     */
    KeyRows hold(Matrix keys, double weight) {
        return hold(keys, alike(weight / keys.columns(), keys.columns()));
    }

    /** As {@link #hold(Matrix, double)}, each key with this weight; nothing for no keys. */
    public KeyRows holdEach(Matrix keys, double weight) {
        return keys.columns() == 0 ? this : hold(keys, alike(weight, keys.columns()));
    }

    /** As {@link #hold(Matrix, double)}, each key with its own weight, [n]. */
    public KeyRows hold(Matrix keys, double[] weights) {
        return add(keys, weights, false);
    }

    private static double[] alike(double weight, int count) {
        double[] weights = new double[count];
        Arrays.fill(weights, weight);
        return weights;
    }

    private KeyRows add(Matrix keys, double[] weights, boolean moved) {
        Matrix selected = keys.select(columns);
        for (int i = 0; i < keys.columns(); i++) {
            double weight = weights[i];
            if (!(weight > 0)) {
                throw new BadInput(
                        "weight of a key", site, "a positive number", weight + "", "leave the key out instead");
            }
            double[] key = selected.column(i);
            double whole = keys.columnNorm(i);
            if (!Double.isFinite(whole)) {
                throw new BadInput(name(moved) + " is not finite", site, "finite keys", "key " + i, "check the model");
            }
            if (moved && norm(key) <= SMALLEST_SHARE * whole) {
                throw new BadInput(
                        "the edit key is zero",
                        site,
                        "a key that is not zero on " + columns,
                        "key " + i + " with norm " + norm(key),
                        "choose another layer or other heads");
            }
            rows.add(new Row(DMatrixRMaj.wrap(key.length, 1, key), weight, moved));
        }
        return this;
    }

    private static String name(boolean moved) {
        return moved ? "edit key" : "protected key";
    }

    /**
     * Solves for the gain where that is cheapest: with M a multiple of the identity in the number of keys, if that is below the number of
     * columns; else in the columns, because an estimated C has to be factorised there anyway and then only the edit keys are solved for.
     *
     * @throws BadInput when the system is not positive definite (dependent exact keys, no regulariser) or u = M^-1 k is orthogonal to k
     */
    public Gain solve(Metric metric) {
        boolean inKeys = metric.isScalar() && !metric.isZero() && rows.size() <= columns.count();
        return inKeys ? solveInKeys(metric) : solveInColumns(metric);
    }

    /** G = E^T (A^T M^-1 A + D^-1)^-1 A^T M^-1, one m x m system (the Woodbury form). */
    Gain solveInKeys(Metric metric) {
        DMatrixRMaj keys = matrix(rows);
        DMatrixRMaj dual = metric.solve(keys, columns, site);
        requireReach(keys, dual);
        DMatrixRMaj gram = CommonOps_DDRM.multTransA(keys, dual, null);
        for (int i = 0; i < rows.size(); i++) {
            gram.add(i, i, rows.get(i).exact() ? 0 : 1 / rows.get(i).weight);
        }
        DMatrixRMaj chosen = SpdSystem.of(gram, site, "A^T M^-1 A + 1/weights over the keys", metric)
                .solve(movedSelector(rows));
        return new Gain(Matrix.of(CommonOps_DDRM.multTransAB(chosen, dual, null)), columns);
    }

    /**
     * The same in the columns, one c x c system: S = A_f D A_f^T + M over the rows of finite weight, then the exact rows as constraints
     * in the metric S.
     */
    Gain solveInColumns(Metric metric) {
        List<Row> soft = rows.stream().filter(r -> !r.exact()).toList();
        List<Row> exact = rows.stream().filter(Row::exact).toList();
        DMatrixRMaj weighted = weighted(soft);
        DMatrixRMaj normal = metric.matrix(columns);
        CommonOps_DDRM.multAddTransB(weighted, matrix(soft), normal);
        SpdSystem system = SpdSystem.of(normal, site, "A D A^T + M over the columns", metric);

        DMatrixRMaj softGain =
                system.solve(weighted(soft.stream().filter(Row::moved).toList()));
        if (exact.isEmpty()) {
            return new Gain(Matrix.of(CommonOps_DDRM.transpose(softGain, null)), columns);
        }
        DMatrixRMaj exactKeys = matrix(exact);
        DMatrixRMaj dual = system.solve(exactKeys);
        requireReach(exactKeys, dual);
        SpdSystem constraint = SpdSystem.of(
                CommonOps_DDRM.multTransA(exactKeys, dual, null), site, "the Gram matrix of the exact keys", metric);
        DMatrixRMaj leak = constraint.solve(CommonOps_DDRM.multTransA(exactKeys, softGain, null));
        CommonOps_DDRM.multAdd(-1, dual, leak, softGain);
        DMatrixRMaj exactGain = CommonOps_DDRM.mult(dual, constraint.solve(movedSelector(exact)), null);
        return new Gain(Matrix.of(inRowOrder(softGain, exactGain)), columns);
    }

    /** Puts the gains of soft and exact edit keys, each [c, .], back into the order in which the keys were given: [n, c]. */
    private DMatrixRMaj inRowOrder(DMatrixRMaj softGain, DMatrixRMaj exactGain) {
        List<Row> moved = rows.stream().filter(Row::moved).toList();
        DMatrixRMaj gain = new DMatrixRMaj(moved.size(), columns.count());
        int soft = 0;
        int exact = 0;
        for (int i = 0; i < moved.size(); i++) {
            DMatrixRMaj source = moved.get(i).exact() ? exactGain : softGain;
            int from = moved.get(i).exact() ? exact++ : soft++;
            for (int c = 0; c < columns.count(); c++) {
                gain.set(i, c, source.get(c, from));
            }
        }
        return gain;
    }

    /**
     * How far a gain is from solving the problem, relative to its largest term: the gradient G M + sum_j w_j (G k_j - e_j) k_j^T over the rows of
     * finite weight must vanish but for what the exact rows' multipliers take up, which lies in the span of their keys.
     */
    public double optimality(Gain gain, Metric metric) {
        List<Row> soft = rows.stream().filter(r -> !r.exact()).toList();
        List<Row> exact = rows.stream().filter(Row::exact).toList();
        DMatrixRMaj g = gain.matrix().values();
        DMatrixRMaj gradient = CommonOps_DDRM.mult(g, metric.matrix(columns), null);
        double size = NormOps_DDRM.normF(gradient);
        if (!soft.isEmpty()) {
            // G (sum_j w_j k_j k_j^T) - sum_j w_j e_j k_j^T: with thousands of keys, G k_j for all of them would not
            // fit
            DMatrixRMaj keys = matrix(soft);
            DMatrixRMaj weighted = weighted(soft);
            CommonOps_DDRM.multAdd(g, CommonOps_DDRM.multTransB(weighted, keys, null), gradient);
            subtractOwnKeys(gradient);
        }
        if (!exact.isEmpty()) {
            DMatrixRMaj basis = LowRank.qr(matrix(exact)).getQ(null, true);
            CommonOps_DDRM.multAddTransB(-1, CommonOps_DDRM.mult(gradient, basis, null), basis, gradient);
        }
        return size > 0 ? NormOps_DDRM.normF(gradient) / size : NormOps_DDRM.normF(gradient);
    }

    /** Takes w_i k_i^T from the i-th row of a matrix [n, c] for every edit key of finite weight. */
    private void subtractOwnKeys(DMatrixRMaj gradient) {
        int i = 0;
        for (Row row : rows) {
            if (row.moved && !row.exact()) {
                for (int c = 0; c < gradient.numCols; c++) {
                    gradient.add(i, c, -row.weight * row.key.data[c]);
                }
            }
            i += row.moved ? 1 : 0;
        }
    }

    /** The keys of rows of finite weight, each times its weight, [c, rows]. */
    private DMatrixRMaj weighted(List<Row> soft) {
        DMatrixRMaj weighted = matrix(soft);
        for (int i = 0; i < soft.size(); i++) {
            scaleColumn(weighted, i, soft.get(i).weight);
        }
        return weighted;
    }

    private void requireReach(DMatrixRMaj keys, DMatrixRMaj dual) {
        for (int i = 0; i < keys.numCols; i++) {
            double[] k = Matrix.of(keys).column(i);
            double[] u = Matrix.of(dual).column(i);
            double dot = 0;
            for (int c = 0; c < k.length; c++) {
                dot += k[c] * u[c];
            }
            if (norm(k) > 0 && !(dot > SMALLEST_SHARE * norm(k) * norm(u))) {
                throw new BadInput(
                        "k.u is close to zero, the edit would divide by it",
                        site,
                        "k and u = M^-1 k on the same side",
                        "cosine " + dot / (norm(k) * norm(u)) + " for key " + i,
                        "raise the ridge or use another second moment");
            }
        }
    }

    /** [rows, n]: column j has its one where the j-th edited key stands. */
    private static DMatrixRMaj movedSelector(List<Row> rows) {
        int moved = (int) rows.stream().filter(Row::moved).count();
        DMatrixRMaj selector = new DMatrixRMaj(rows.size(), moved);
        int next = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).moved) {
                selector.set(i, next++, 1);
            }
        }
        return selector;
    }

    private DMatrixRMaj matrix(List<Row> some) {
        DMatrixRMaj matrix = new DMatrixRMaj(columns.count(), some.size());
        for (int i = 0; i < some.size(); i++) {
            for (int c = 0; c < columns.count(); c++) {
                matrix.set(c, i, some.get(i).key.data[c]);
            }
        }
        return matrix;
    }

    private static void scaleColumn(DMatrixRMaj matrix, int column, double factor) {
        for (int i = 0; i < matrix.numRows; i++) {
            matrix.set(i, column, matrix.get(i, column) * factor);
        }
    }

    private static double norm(double[] vector) {
        double sum = 0;
        for (double v : vector) {
            sum += v * v;
        }
        return Math.sqrt(sum);
    }
}
