package modelpatch.repair;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;

/**
 * How good a plan is, by what it did to choose cases on validation templates. A plan within the harm budget beats every plan beyond it; within
 * it the one with more repair for its harm wins. A rate counts as beyond its limit when its 95 % Wilson interval lies beyond it: with some
 * fifty questions, one more or less must not decide.
 *
 * @param correction r_C of the edited prompts
 * @param paraphrase r_C of other words; empty where nothing was asked
 * @param generalisation r_C of other last hops; empty where nothing was asked
 * @param harm sum of r_O over the limited sets
 * @param excess by how much the limits on paraphrase, harm, drift and the size of the change are exceeded, as a sum of shares of the limits; 0 within the budget
 */
public record PlanScore(
        OptionalDouble correction,
        OptionalDouble paraphrase,
        OptionalDouble generalisation,
        double harm,
        double excess) {
    /** Better scores come first. */
    public static final Comparator<PlanScore> BEST_FIRST = Comparator.comparingDouble((PlanScore score) -> score.excess)
            .thenComparing(Comparator.comparingDouble((PlanScore score) -> score.repair() - score.harm)
                    .reversed());

    static PlanScore of(Judge.Judgement judgement, Gates gates) {
        return of(judgement, gates, false);
    }

    /** @param strict whether a rate must be within its limit beyond doubt, as a gate asks; else it is beyond only where that is beyond doubt */
    static PlanScore of(Judge.Judgement judgement, Gates gates, boolean strict) {
        double harm = 0;
        double excess = 0;
        for (EditSet set : Gates.limitedSets()) {
            SetOutcome outcome = judgement.sets().get(set);
            harm += outcome.harmRate().orElse(0);
            double limit = gates.limitOfHarm(set);
            Tally harmed = outcome.pairs().harmed();
            excess += (strict
                            ? harmed.exact().map(Interval::high)
                            : harmed.wilson().map(Interval::low))
                    .map(rate -> beyond(rate, limit))
                    .orElse(0.0);
        }
        SetOutcome paraphrase = judgement.sets().get(EditSet.PARAPHRASE);
        if (paraphrase != null) {
            Tally corrected = paraphrase.pairs().corrected();
            excess += (strict
                            ? corrected.exact().map(Interval::low)
                            : corrected.wilson().map(Interval::high))
                    .map(rate -> beyond(1 - rate, 1 - gates.limitOfParaphrase()))
                    .orElse(0.0);
        }
        for (GateResult gate : judgement.gates()) {
            if (!gate.within() && Gates.isExact(gate.name())) {
                excess += beyond(gate.value().orElse(gate.limit()), gate.limit());
            }
        }
        return new PlanScore(
                rate(judgement, EditSet.CORRECTION),
                rate(judgement, EditSet.PARAPHRASE),
                rate(judgement, EditSet.GENERALISATION),
                harm,
                excess);
    }

    private static double beyond(double value, double limit) {
        double over = Math.max(0, value - limit);
        return limit > 0 ? over / limit : over;
    }

    private static OptionalDouble rate(Judge.Judgement judgement, EditSet set) {
        SetOutcome outcome = judgement.sets().get(set);
        return outcome == null ? OptionalDouble.empty() : outcome.correctionRate();
    }

    /** The mean of correction (twice, as it is what was asked for), paraphrase and generalisation, of those that are defined. */
    double repair() {
        return List.of(correction, correction, paraphrase, generalisation).stream()
                .flatMapToDouble(rate -> rate.isPresent() ? DoubleStream.of(rate.getAsDouble()) : DoubleStream.empty())
                .average()
                .orElse(0);
    }

    /** Whether nothing more could be wished for: everything asked for is repaired, within the budget. */
    boolean perfect() {
        return excess == 0 && repair() == 1;
    }
}
