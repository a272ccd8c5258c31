package modelpatch.edit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import modelpatch.cases.CompositionalCase;

/** Cases in an order that a seed decides. */
public final class DrawnCases {
    private DrawnCases() {}

    /** Some of the given cases, all where there are no more. */
    public static List<CompositionalCase> of(List<CompositionalCase> cases, long seed, int most) {
        List<CompositionalCase> order = new ArrayList<>(cases);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = order.size(); i > 1; i--) {
            Collections.swap(order, i - 1, random.nextInt(i));
        }
        return order.subList(0, Math.min(most, order.size()));
    }
}
