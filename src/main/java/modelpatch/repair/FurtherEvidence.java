package modelpatch.repair;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Tally;
import modelpatch.guard.GateEvidence;
import modelpatch.guard.Gates;

/**
 * Asks on where a verdict needs more items than the tables have.
 *
 * @param before asks the model without the change
 * @param after asks the changed model
 * @param knowledge of the model without the change
 * @param gates say how many items are enough
 */
record FurtherEvidence(Examiner before, Examiner after, Knowledge knowledge, Gates gates) {
    /** Questions that are asked before it is seen whether they are enough. */
    private static final int ROUND = 64;

    /**
     * More evidence.
     *
     * @param evidence that there is
     * @param open the sets that need more
     * @param probes of a set, in the order in which they are worth asking
     * @param most questions of a set
     */
    GateEvidence of(GateEvidence evidence, Set<EditSet> open, Function<EditSet, List<Probe>> probes, int most) {
        GateEvidence more = evidence;
        for (EditSet set : open) {
            List<Probe> all = probes.apply(set);
            List<Probe> some = all.subList(0, Math.min(most, all.size()));
            int enough = gates.enough(set, judged(set, more));
            for (int from = 0; from < some.size() && judged(set, more).n() < enough; from += ROUND) {
                more = more.plus(set, pairs(some.subList(from, Math.min(some.size(), from + ROUND))));
            }
        }
        return more;
    }

    /** The pairs that count: the changed model is asked only what was wrong before and should change, or right and should not. */
    private PairedOutcome pairs(List<Probe> probes) {
        List<Probe> decidable = knowledge.decidable(probes);
        List<Reply> first = before.ask(decidable.stream().map(Probe::question).toList());
        List<Probe> counting = IntStream.range(0, decidable.size())
                .filter(i -> decidable.get(i).set().mustChange() != first.get(i).right())
                .mapToObj(decidable::get)
                .toList();
        return PairedEvaluation.of(counting, before, after, Progress.UNWATCHED).pairs();
    }

    private static Tally judged(EditSet set, GateEvidence evidence) {
        return Gates.judged(set, evidence.pairs(set));
    }
}
