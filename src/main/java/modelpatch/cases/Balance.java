package modelpatch.cases;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Keeps a side of a small suite from starving. Sides are a matter of the bridges' names; with few bridges nearly all cases can fall on one side.
 * Then whole bridges change sides, in an order that the seed draws, until the smaller side has {@link #FEWEST} cases. A suite whose sides
 * have as many is left as it is, so that adding facts to it moves no case.
 */
final class Balance {
    /** Cases that a side needs to say anything; the interval of a share of 15 is 40 points wide. */
    static final int FEWEST = 15;

    /** Of fewer cases, none are moved: one side would starve whatever is done. */
    static final int FEWEST_IN_ALL = 40;

    private Balance() {}

    /** The cases with their sides; those of longer chains, whose bridges must share a side, as they came. */
    static List<CompositionalCase> of(Collection<CompositionalCase> cases, long seed) {
        Map<SuiteSplit, Long> sides =
                cases.stream().collect(Collectors.groupingBy(CompositionalCase::split, Collectors.counting()));
        long choose = sides.getOrDefault(SuiteSplit.CHOOSE, 0L);
        long report = sides.getOrDefault(SuiteSplit.REPORT, 0L);
        boolean twoHops = cases.stream().allMatch(one -> one.bridges().size() == 1);
        if (!twoHops || cases.size() < FEWEST_IN_ALL || Math.min(choose, report) >= FEWEST) {
            return List.copyOf(cases);
        }
        SuiteSplit poor = choose < report ? SuiteSplit.CHOOSE : SuiteSplit.REPORT;
        Set<String> moved = moved(cases, poor, Math.min(choose, report), seed);
        return cases.stream()
                .map(one -> moved.contains(one.bridge()) ? one.on(poor) : one)
                .toList();
    }

    /** The bridges that change to the poorer side. */
    private static Set<String> moved(Collection<CompositionalCase> cases, SuiteSplit poor, long has, long seed) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        cases.stream().filter(one -> one.split() != poor).forEach(one -> sizes.merge(one.bridge(), 1, Integer::sum));
        List<String> order = new ArrayList<>(sizes.keySet());
        order.sort(SeededOrder.by(seed, "balance", bridge -> bridge));
        Set<String> moved = new TreeSet<>();
        long there = has;
        for (String bridge : order) {
            boolean leavesEnough = cases.size() - there - sizes.get(bridge) >= FEWEST;
            if (there < FEWEST && leavesEnough) {
                moved.add(bridge);
                there += sizes.get(bridge);
            }
        }
        return moved;
    }
}
