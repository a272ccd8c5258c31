package modelpatch.edit;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.GateResult;

/**
 * How good a plan is, by what it did to choose cases on validation templates. A plan within the harm budget beats every plan beyond it; within
 * it more repair wins, then less harm.
 *
 * @param correction r_C of the edited prompts
 * @param paraphrase r_C of other words; empty where nothing was asked
 * @param generalisation r_C of other last hops; empty where nothing was asked
 * @param harm sum of r_O over the limited sets
 * @param excess by how much the limits on harm and drift are exceeded, as a sum of shares of the limits; 0 within the budget
 */
public record Score(
        OptionalDouble correction,
        OptionalDouble paraphrase,
        OptionalDouble generalisation,
        double harm,
        double excess) {
    /** Better scores come first. */
    public static final Comparator<Score> BEST_FIRST = Comparator.comparingDouble((Score score) -> score.excess)
            .thenComparing(Comparator.comparingDouble(Score::repair).reversed())
            .thenComparingDouble(score -> score.harm);

    static Score of(Judge.Judgement judgement) {
        double harm = Stream.of(EditSet.SPECIFICITY_RELATION, EditSet.SPECIFICITY_RANDOM, EditSet.HOPS)
                .mapToDouble(set -> judgement.sets().get(set).harmRate().orElse(0))
                .sum();
        double excess = judgement.gates().stream()
                .filter(gate -> !gate.passed() && !gate.name().startsWith("correction"))
                .mapToDouble(Score::excess)
                .sum();
        return new Score(
                rate(judgement, EditSet.CORRECTION),
                rate(judgement, EditSet.PARAPHRASE),
                rate(judgement, EditSet.GENERALISATION),
                harm,
                excess);
    }

    private static double excess(GateResult gate) {
        double over = gate.value().orElse(gate.limit()) - gate.limit();
        return gate.limit() > 0 ? over / gate.limit() : over;
    }

    private static OptionalDouble rate(Judge.Judgement judgement, EditSet set) {
        SetOutcome outcome = judgement.sets().get(set);
        return outcome == null ? OptionalDouble.empty() : outcome.correctionRate();
    }

    /** The mean of correction (twice, as it is what was asked for), paraphrase and generalisation, of those that are defined. */
    public double repair() {
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
