package modelpatch.edit;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How much each prompt of an edit counts beside the others of its role. An edit of many cases starts with all alike; what it failed to move, or
 * moved though it was held, then weighs more in the next round, as in boosting (Freund and Schapire 1997).
 */
final class RowWeights {
    private static final double UNMOVED = 2;
    private static final double BROKEN = 3;
    private static final double MOST = 9;

    private final Map<Role, double[]> byRole;

    private RowWeights(Map<Role, double[]> byRole) {
        this.byRole = byRole;
    }

    /** Every prompt counts 1. */
    static RowWeights alike(Map<Role, List<int[]>> prompts) {
        Map<Role, double[]> ones = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            double[] weights = new double[prompts.getOrDefault(role, List.of()).size()];
            Arrays.fill(weights, 1);
            ones.put(role, weights);
        }
        return new RowWeights(ones);
    }

    /** Those of a role, [n]; a copy. */
    double[] of(Role role) {
        return byRole.get(role).clone();
    }

    /**
     * The weights of the next round.
     *
     * @param moved for each edit prompt whether it is where it should be
     * @param kept for each protected prompt whether it is where it was
     */
    RowWeights after(boolean[] moved, boolean[] kept) {
        Map<Role, double[]> next = new EnumMap<>(byRole);
        next.put(Role.EDIT, raised(byRole.get(Role.EDIT), moved, UNMOVED));
        next.put(Role.PROTECTED, raised(byRole.get(Role.PROTECTED), kept, BROKEN));
        return new RowWeights(next);
    }

    private static double[] raised(double[] weights, boolean[] reached, double factor) {
        double[] raised = weights.clone();
        for (int i = 0; i < raised.length; i++) {
            raised[i] = reached[i] ? raised[i] : Math.min(MOST, raised[i] * factor);
        }
        return raised;
    }
}
