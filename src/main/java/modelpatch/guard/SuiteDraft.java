package modelpatch.guard;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import modelpatch.cases.SeededOrder;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.RoundingTies;

/** Draws up the sets of a suite from what a model was seen to do: what holds goes in, what a patch broke goes in as accepted, other wrong answers
 * are counted. */
final class SuiteDraft {
    /** What the name of a set ends in whose cases the patches broke. */
    static final String KNOWN_LOSSES = "_known_losses";

    private final RoundingTies ties;
    private final int most;
    private final long seed;
    private final Map<String, List<GuardedCase>> changed = new LinkedHashMap<>();
    private final Map<String, List<GuardedCase>> stayed = new LinkedHashMap<>();
    /** What was right and is wrong with the patches: known when they were accepted. */
    private final Map<String, List<GuardedCase>> lost = new LinkedHashMap<>();

    private final Map<String, Integer> leftOut = new TreeMap<>();

    /**
     * Begins a suite without cases; sets are added to it.
     *
     * @param ties looks at the model that the suite is for
     * @param most cases of a set
     * @param seed draws them where there are more
     */
    SuiteDraft(RoundingTies ties, int most, long seed) {
        this.ties = ties;
        this.most = most;
        this.seed = seed;
    }

    /** Takes items in that were asked before and after patches. */
    SuiteDraft with(PairedEvaluation evaluation) {
        for (PairedEvaluation.Item item : evaluation.items()) {
            add(item.probe().set().key(), item.probe(), item.before(), item.after());
        }
        return this;
    }

    /**
     * Takes items in that were asked of one model.
     *
     * @param replies one for each probe
     */
    SuiteDraft with(String set, List<Probe> probes, List<Reply> replies) {
        for (int i = 0; i < probes.size(); i++) {
            add(set, probes.get(i), replies.get(i), replies.get(i));
        }
        return this;
    }

    private void add(String set, Probe probe, Reply before, Reply after) {
        if (!after.right() && !before.right()) {
            leftOut.merge(set + ": wrong all the same", 1, Integer::sum);
            return;
        }
        (!after.right() ? lost : before.right() ? stayed : changed)
                .computeIfAbsent(set, name -> new ArrayList<>())
                .add(new GuardedCase(
                        probe.id(),
                        probe.question().prompt(),
                        probe.question().answers(),
                        Optional.of(before.predicted())));
    }

    /** The sets, none empty: at most so many cases each, none whose answer hangs on rounding. */
    List<GuardedSet> sets() {
        List<GuardedSet> sets = new ArrayList<>();
        changed.forEach((name, cases) -> set(sets, name, GuardedSet.Must.CHANGE, cases));
        stayed.forEach((name, cases) -> set(sets, name, GuardedSet.Must.STAY, cases));
        lost.forEach((name, cases) -> accepted(sets, name + KNOWN_LOSSES, cases));
        return sets;
    }

    /** All of these may be wrong: they are asked, shown and counted, and break nothing. */
    private void accepted(List<GuardedSet> sets, String name, List<GuardedCase> cases) {
        Map<String, GuardedCase> distinct = new LinkedHashMap<>();
        cases.forEach(one -> distinct.putIfAbsent(one.id(), one));
        List<GuardedCase> kept = new ArrayList<>(SeededOrder.shuffled(distinct.values(), new Random(seed)));
        if (kept.size() > most) {
            leftOut.merge(name + ": more than " + most, kept.size() - most, Integer::sum);
            kept = kept.subList(0, most);
        }
        kept.sort(Comparator.comparing(GuardedCase::id));
        sets.add(new GuardedSet(name, GuardedSet.Must.STAY, 1, kept));
    }

    private void set(List<GuardedSet> sets, String name, GuardedSet.Must must, List<GuardedCase> cases) {
        Map<String, GuardedCase> distinct = new LinkedHashMap<>();
        cases.forEach(one -> distinct.putIfAbsent(one.id(), one));
        List<GuardedCase> drawn = SeededOrder.shuffled(distinct.values(), new Random(seed));
        List<GuardedCase> kept = new ArrayList<>();
        int looked = 0;
        while (looked < drawn.size() && kept.size() < most) {
            List<GuardedCase> next = drawn.subList(looked, Math.min(drawn.size(), looked + most - kept.size()));
            List<RoundingTies.Ways> ways =
                    ties.of(next.stream().map(GuardedCase::question).toList());
            for (int i = 0; i < next.size(); i++) {
                if (ways.get(i).wrong()) {
                    leftOut.merge(name + ": decided by rounding", 1, Integer::sum);
                } else {
                    kept.add(next.get(i));
                }
            }
            looked += next.size();
        }
        if (looked < drawn.size()) {
            leftOut.merge(name + ": more than " + most, drawn.size() - looked, Integer::sum);
        }
        kept.sort(Comparator.comparing(GuardedCase::id));
        if (!kept.isEmpty()) {
            sets.add(new GuardedSet(name, must, 0, kept));
        }
    }

    /** What is not in the suite, counted by reason; complete once {@link #sets} was called. */
    Map<String, Integer> leftOut() {
        return Collections.unmodifiableMap(leftOut);
    }
}
