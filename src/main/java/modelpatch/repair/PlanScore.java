package modelpatch.repair;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;

/**
 * How good a plan is, by what it did to choose cases on validation templates. A plan within the harm budget beats every plan beyond it; within
 * it the one with more repair for its harm wins, its repair being worth no more than the chance that the gates let it pass. A rate counts as
 * beyond its limit when its 95 % Wilson interval lies beyond it: with some fifty questions, one more or less must not decide.
 *
 * @param correction r_C of the edited prompts
 * @param paraphrase r_C of other words; empty where nothing was asked
 * @param generalisation r_C of other last hops; empty where nothing was asked
 * @param harm sum of r_O over the limited sets
 * @param excess by how much the limits on paraphrase, harm, drift and the size of the change are exceeded, as a sum of shares of the limits; 0 within the budget
 * @param chance that the harm to every limited set is at most {@link #DECIDED_AT} of its limit; 1 where it is not asked for
 */
public record PlanScore(
        OptionalDouble correction,
        OptionalDouble paraphrase,
        OptionalDouble generalisation,
        double harm,
        double excess,
        double chance) {
    /** So many items are asked that a gate decides, more often than not, for a patch that does half the harm it allows; see {@link Gates#enough}. */
    private static final double DECIDED_AT = 0.5;

    /** Better scores come first. */
    public static final Comparator<PlanScore> BEST_FIRST = Comparator.comparingDouble((PlanScore score) -> score.excess)
            .thenComparing(Comparator.comparingDouble((PlanScore score) -> score.chance * score.repair() - score.harm)
                    .reversed());

    static PlanScore of(Judge.Judgement judgement, Gates gates) {
        return of(judgement, gates, false);
    }

    /**
     * @param foresighted whether the chance counts that gates will pass the plan: where one patch of many cases is at stake, and enough items
     *     are there to tell
     */
    static PlanScore of(Judge.Judgement judgement, Gates gates, boolean foresighted) {
        double harm = 0;
        double excess = 0;
        double chance = 1;
        for (EditSet set : Gates.limitedSets()) {
            SetOutcome outcome = judgement.sets().get(set);
            harm += outcome.harmRate().orElse(0);
            double limit = gates.limitOfHarm(set);
            Tally harmed = outcome.pairs().harmed();
            excess += harmed.wilson().map(rate -> beyond(rate.low(), limit)).orElse(0.0);
            chance *= foresighted ? harmed.chanceOfAtMost(DECIDED_AT * limit) : 1;
        }
        SetOutcome paraphrase = judgement.sets().get(EditSet.PARAPHRASE);
        if (paraphrase != null) {
            excess += paraphrase
                    .pairs()
                    .corrected()
                    .wilson()
                    .map(rate -> beyond(1 - rate.high(), 1 - gates.limitOfParaphrase()))
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
                excess,
                chance);
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
