package modelpatch.locate;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;

/**
 * Chooses for each case another one whose guide serves as the control: the same last relation and so the same sentence, a bridge of the
 * same type, another answer. One whose last hop the model knows is preferred, because a guide that fails restores nothing; one on the same
 * side of the suite always.
 */
public final class WrongBridges {
    private final CaseSuite suite;
    private final Background background;
    private final Set<String> lastHopKnown;
    private final long seed;

    /** @param lastHopKnown ids of the cases whose last hop is right on its own */
    public WrongBridges(CaseSuite suite, Background background, Set<String> lastHopKnown, long seed) {
        this.suite = suite;
        this.background = background;
        this.lastHopKnown = Set.copyOf(lastHopKnown);
        this.seed = seed;
    }

    /** A case whose guide is the control; empty where none fits. */
    public Optional<CompositionalCase> of(CompositionalCase one) {
        Map<String, CompositionalCase> byBridge =
                new TreeMap<>(); // one per bridge, so that none is preferred for its many subjects
        suite.cases(one.split()).stream()
                .filter(other -> fits(one, other))
                .sorted(Comparator.comparing((CompositionalCase other) -> !lastHopKnown.contains(other.id()))
                        .thenComparing(CompositionalCase::id))
                .forEach(other -> byBridge.putIfAbsent(other.bridge(), other));
        List<CompositionalCase> all = List.copyOf(byBridge.values());
        List<CompositionalCase> known =
                all.stream().filter(other -> lastHopKnown.contains(other.id())).toList();
        List<CompositionalCase> candidates = known.isEmpty() ? all : known;
        return candidates.isEmpty()
                ? Optional.empty()
                : Optional.of(candidates.get(
                        SeededOrder.draws(seed, "wrong bridge", one.id()).nextInt(candidates.size())));
    }

    private boolean fits(CompositionalCase one, CompositionalCase other) {
        Set<String> shared = new HashSet<>(other.answers());
        shared.retainAll(one.answers());
        return other.lastHop().relation().equals(one.lastHop().relation())
                && !other.bridge().equals(one.bridge())
                && shared.isEmpty()
                && other.hops().size() > 1
                && bridgeType(background, other).equals(bridgeType(background, one));
    }

    /** The type of a case's bridge, by the hop that leads to it. */
    static String bridgeType(Background background, CompositionalCase one) {
        return background.objectType(one.hops().get(one.hops().size() - 2));
    }
}
