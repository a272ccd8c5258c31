package modelpatch.edit;

import static modelpatch.solve.Matrices.minus;
import static modelpatch.solve.Matrices.plus;
import static modelpatch.solve.Matrices.times;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/** h_l = h_(l-1) + W_l h_(l-1): the smallest model in which lower edits move higher keys. Layers count from 0. */
final class ToyModel implements LayeredModel {
    private final List<Matrix> base = new ArrayList<>();
    private final List<Matrix> live = new ArrayList<>();
    private final Map<Role, Matrix> inputs = new EnumMap<>(Role.class);
    private int[] cases;

    ToyModel(List<Matrix> weights) {
        for (Matrix weight : weights) {
            base.add(weight);
            live.add(weight);
        }
    }

    static ToyModel twoIdentityLayers() {
        return new ToyModel(List.of(Matrix.identity(2), Matrix.identity(2)));
    }

    ToyModel with(Role role, Matrix input) {
        inputs.put(role, input);
        if (role == Role.EDIT) {
            cases = new int[input.columns()];
            for (int i = 0; i < cases.length; i++) {
                cases[i] = i;
            }
        }
        return this;
    }

    ToyModel cases(int... caseOfRow) {
        cases = caseOfRow;
        return this;
    }

    @Override
    public List<Integer> layers() {
        return java.util.stream.IntStream.range(0, base.size()).boxed().toList();
    }

    @Override
    public EditedMatrix matrix() {
        return EditedMatrix.W_O;
    }

    @Override
    public String tensor(int layer) {
        return "layers." + layer + ".w";
    }

    @Override
    public Matrix weight(int layer) {
        return base.get(layer);
    }

    @Override
    public int[] cases() {
        return cases.clone();
    }

    @Override
    public double[] weights(Role role) {
        double[] ones = new double[inputs.containsKey(role) ? inputs.get(role).columns() : 0];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public Matrix displaced(int layer, Role role) {
        return minus(run(inputs.get(role), base, layer + 1), run(inputs.get(role), live, layer + 1));
    }

    @Override
    public Observation observe(int layer, Role role, View view) {
        List<Matrix> weights = view == View.LIVE ? live : base;
        Matrix h = run(inputs.get(role), weights, layer);
        return new Observation(h, times(weights.get(layer), h), h);
    }

    @Override
    public Matrix residualAfter(int layer, Role role) {
        return run(inputs.get(role), base, layer + 1);
    }

    @Override
    public void edited(int layer, LowRank change) {
        live.set(layer, plus(base.get(layer), change.dense()));
    }

    Matrix liveWeight(int layer) {
        return live.get(layer);
    }

    /** The output of the whole edited model. */
    Matrix output(Role role) {
        return run(inputs.get(role), live, live.size());
    }

    private static Matrix run(Matrix input, List<Matrix> weights, int layers) {
        Matrix h = input;
        for (int layer = 0; layer < layers; layer++) {
            h = plus(h, times(weights.get(layer), h));
        }
        return h;
    }
}
