package modelpatch.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.checkpoint.EightBits;
import modelpatch.model.LanguageModel;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/** A patch as a remedy: a view of the base with other values in some tensors, the very bytes that the finished stack will have. */
record Patched(LanguageModel answers, Footprint footprint) implements Remedy {
    static Patched of(LanguageModel base, PatchStack below, List<TensorDelta> deltas) {
        Map<String, float[]> weights = weights(base, below, deltas);
        long bytes = weights.values().stream()
                .mapToLong(values -> (long) Float.BYTES * values.length)
                .sum();
        return new Patched(base.with(weights), new Footprint(weights.keySet(), bytes));
    }

    /** The same when the changed tensors are stored in eight bits and read again. */
    static Patched inEightBits(LanguageModel base, PatchStack below, List<TensorDelta> deltas) {
        Map<String, float[]> weights = weights(base, below, deltas);
        for (TensorDelta delta : deltas) {
            weights.computeIfPresent(
                    delta.tensor(),
                    (name, exact) -> EightBits.rounded(
                            exact, delta.rows(), delta.width(), delta.orientation() == Orientation.OUT_IN));
        }
        return new Patched(base.with(weights), new Footprint(weights.keySet(), 0));
    }

    /** The tensors of the base with the patches below and some changes on top. */
    private static Map<String, float[]> weights(LanguageModel base, PatchStack below, List<TensorDelta> deltas) {
        Set<String> names = new LinkedHashSet<>();
        below.patches().forEach(patch -> patch.deltas().forEach(delta -> names.add(delta.tensor())));
        deltas.stream().filter(delta -> delta.rank() > 0).forEach(delta -> names.add(delta.tensor()));
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (String name : names) {
            List<TensorDelta> all = new ArrayList<>(below.deltas(name));
            deltas.stream()
                    .filter(delta -> delta.tensor().equals(name) && delta.rank() > 0)
                    .forEach(all::add);
            weights.put(name, TensorDelta.apply(base.weight(name), all));
        }
        return weights;
    }

    @Override
    public String name() {
        return "patch";
    }

    @Override
    public void close() {
        answers.close();
    }
}
