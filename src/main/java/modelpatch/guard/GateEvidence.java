package modelpatch.guard;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.SetOutcome;

/**
 * What gates judge a patch by.
 *
 * @param sets the pairs of every set; a set that is not there has none
 * @param earlierRepairs what patches below had repaired, before and after; empty without such patches
 * @param drift empty where it was not measured
 * @param change how large the change is; empty where it is of no concern
 */
public record GateEvidence(
        Map<EditSet, PairedOutcome> sets,
        Optional<PairedOutcome> earlierRepairs,
        Optional<Drift> drift,
        Optional<ChangeSize> change) {
    public GateEvidence {
        sets = Map.copyOf(sets);
    }

    /** Of tables. */
    public static GateEvidence of(
            Map<EditSet, SetOutcome> sets,
            Optional<SetOutcome> earlierRepairs,
            Optional<Drift> drift,
            Optional<ChangeSize> change) {
        Map<EditSet, PairedOutcome> pairs = new EnumMap<>(EditSet.class);
        sets.forEach((set, outcome) -> pairs.put(set, outcome.pairs()));
        return new GateEvidence(pairs, earlierRepairs.map(SetOutcome::pairs), drift, change);
    }

    /** Of a set; none where it is not there. */
    public PairedOutcome pairs(EditSet set) {
        return sets.getOrDefault(set, PairedOutcome.NONE);
    }

    /** The same with further pairs of a set. */
    public GateEvidence plus(EditSet set, PairedOutcome further) {
        Map<EditSet, PairedOutcome> more = new EnumMap<>(EditSet.class);
        more.putAll(sets);
        more.merge(set, further, PairedOutcome::plus);
        return new GateEvidence(more, earlierRepairs, drift, change);
    }
}
