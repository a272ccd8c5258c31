package modelpatch.edit;

import static modelpatch.solve.Matrices.minus;
import static modelpatch.solve.Matrices.plus;
import static modelpatch.solve.Matrices.times;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import modelpatch.solve.LowRank;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** h_l = h_(l-1) + W_l h_(l-1): the smallest model in which lower edits move higher keys. Layers count from 0. */
final class ToyModel implements LayeredModel {
    private final List<DMatrixRMaj> base = new ArrayList<>();
    private final List<DMatrixRMaj> live = new ArrayList<>();
    private final Map<Role, DMatrixRMaj> inputs = new EnumMap<>(Role.class);
    private int[] cases;

    ToyModel(List<DMatrixRMaj> weights) {
        for (DMatrixRMaj weight : weights) {
            base.add(weight);
            live.add(weight.copy());
        }
    }

    static ToyModel twoIdentityLayers() {
        return new ToyModel(List.of(CommonOps_DDRM.identity(2), CommonOps_DDRM.identity(2)));
    }

    ToyModel with(Role role, DMatrixRMaj input) {
        inputs.put(role, input);
        if (role == Role.EDIT) {
            cases = new int[input.numCols];
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
    public String tensor(int layer) {
        return "layers." + layer + ".w";
    }

    @Override
    public DMatrixRMaj weight(int layer) {
        return base.get(layer);
    }

    @Override
    public int[] cases() {
        return cases.clone();
    }

    @Override
    public double[] weights(Role role) {
        double[] ones = new double[inputs.containsKey(role) ? inputs.get(role).numCols : 0];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public DMatrixRMaj displaced(int layer, Role role) {
        return minus(run(inputs.get(role), base, layer + 1), run(inputs.get(role), live, layer + 1));
    }

    @Override
    public Observation observe(int layer, Role role, View view) {
        List<DMatrixRMaj> weights = view == View.LIVE ? live : base;
        DMatrixRMaj h = run(inputs.get(role), weights, layer);
        return new Observation(h, times(weights.get(layer), h), h);
    }

    @Override
    public DMatrixRMaj residualAfter(int layer, Role role) {
        return run(inputs.get(role), base, layer + 1);
    }

    @Override
    public void edited(int layer, LowRank change) {
        live.set(layer, plus(base.get(layer), change.dense()));
    }

    DMatrixRMaj liveWeight(int layer) {
        return live.get(layer);
    }

    /** The output of the whole edited model. */
    DMatrixRMaj output(Role role) {
        return run(inputs.get(role), live, live.size());
    }

    private static DMatrixRMaj run(DMatrixRMaj input, List<DMatrixRMaj> weights, int layers) {
        DMatrixRMaj h = input;
        for (int layer = 0; layer < layers; layer++) {
            h = plus(h, times(weights.get(layer), h));
        }
        return h;
    }
}
