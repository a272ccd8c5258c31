package modelpatch.repair;

import java.util.ArrayDeque;
import java.util.Deque;
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
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;

/**
 * Asks on where a verdict needs more items than the tables have, until one of them is no.
 *
 * @param before asks the model without the change
 * @param after asks the changed model
 * @param knowledge of the model without the change
 * @param gates say how many items are enough
 */
record FurtherEvidence(Examiner before, Examiner after, Knowledge knowledge, Gates gates) {
    /** Questions that are asked before it is seen whether they are enough. */
    private static final int ROUND = 64;

    /** Where fewer than one question in so many counts, because the model answers the others wrongly anyway, others are asked first. */
    private static final int RARE = 4;

    /**
     * More evidence.
     *
     * @param evidence that there is
     * @param open the sets that need more
     * @param probes of a set, in the order in which they are worth asking; compositions, which have guides, before single facts, which have none
     * @param most questions of a set
     */
    GateEvidence of(GateEvidence evidence, Set<EditSet> open, Function<EditSet, List<Probe>> probes, int most) {
        GateEvidence more = evidence;
        for (EditSet set : open) {
            more = of(more, set, probes.apply(set), most);
            if (gates.verdict(gates.judge(more)) == GateResult.State.FAILED) {
                // nothing that the other sets could say makes it pass
                break;
            }
        }
        return more;
    }

    private GateEvidence of(GateEvidence evidence, EditSet set, List<Probe> probes, int most) {
        GateEvidence more = evidence;
        int enough = gates.enough(set, judged(set, more));
        int asked = 0;
        Deque<Kind> kinds = new ArrayDeque<>();
        kinds.add(new Kind(having(true, probes), true));
        kinds.add(new Kind(having(false, probes), true));
        while (!kinds.isEmpty()) {
            Kind kind = kinds.remove();
            long before = judged(set, more).n();
            int from = 0;
            while (from < kind.probes().size()
                    && asked < most
                    && judged(set, more).n() < enough) {
                if (from > 0 && kind.mayWait() && RARE * (judged(set, more).n() - before) < from) {
                    kinds.add(new Kind(kind.from(from), false));
                    break;
                }
                List<Probe> round = kind.from(from)
                        .subList(0, Math.min(kind.probes().size() - from, Math.min(ROUND, most - asked)));
                more = more.plus(set, pairs(round));
                asked += round.size();
                from += round.size();
            }
        }
        return more;
    }

    /**
     * Questions of a set that are asked one after another.
     *
     * @param mayWait whether others are asked before the rest of these where few of these count
     */
    private record Kind(List<Probe> probes, boolean mayWait) {
        List<Probe> from(int first) {
            return probes.subList(first, probes.size());
        }
    }

    private static List<Probe> having(boolean guide, List<Probe> probes) {
        return probes.stream()
                .filter(probe -> probe.guide().isPresent() == guide)
                .toList();
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
