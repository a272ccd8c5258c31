package modelpatch.repair;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Verdict;
import modelpatch.guard.ChangeSize;
import modelpatch.guard.Drift;
import modelpatch.guard.GateEvidence;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;
import org.junit.jupiter.api.Test;

class PlanScoreTest {
    private static final ChangeSize SMALL = new ChangeSize(0.3, 0.01, Optional.empty());

    /** Of 100 unrelated questions that were right, as many turned wrong; of 20 edited ones, as many became right. */
    private static PlanScore score(int harmed, int corrected, Drift drift) {
        return score(harmed, corrected, 20, drift, SMALL);
    }

    /** As that, with the paraphrases of 20 that became right, and the size of the change. */
    private static PlanScore score(int harmed, int corrected, int paraphrased, Drift drift, ChangeSize size) {
        Map<EditSet, SetOutcome> sets = new EnumMap<>(EditSet.class);
        for (EditSet set : EditSet.values()) {
            int changed = switch (set) {
                case SPECIFICITY_RANDOM -> harmed;
                case CORRECTION -> corrected;
                case PARAPHRASE -> paraphrased;
                default -> 0;
            };
            boolean few = set == EditSet.CORRECTION || set == EditSet.PARAPHRASE;
            sets.put(set, outcome(few ? 20 : 100, changed, set.mustChange()));
        }
        return PlanScore.of(judgement(sets, drift, size), Gates.DEFAULTS);
    }

    private static Judge.Judgement judgement(Map<EditSet, SetOutcome> sets, Drift drift, ChangeSize size) {
        List<GateResult> results =
                Gates.DEFAULTS.judge(GateEvidence.of(sets, Optional.empty(), Optional.of(drift), Optional.of(size)));
        return new Judge.Judgement(
                new PairedEvaluation("a protocol", List.of()),
                sets,
                Optional.empty(),
                Optional.of(drift),
                Optional.of(size),
                results,
                Gates.DEFAULTS.verdict(results));
    }

    private static SetOutcome outcome(int items, int changed, boolean mustChange) {
        List<SetOutcome.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            Verdict before = mustChange ? Verdict.WRONG : Verdict.RIGHT;
            Verdict changedTo = mustChange ? Verdict.RIGHT : Verdict.WRONG;
            pairs.add(new SetOutcome.Pair("item " + i, "bridge " + i, before, i < changed ? changedTo : before));
        }
        return SetOutcome.of(pairs, new ClusterBootstrap(10, 1));
    }

    private static Drift drift(double kl) {
        return new Drift("text", 100, kl, 0.01, 10, 10);
    }

    @Test
    void aRateAboveItsLimitCountsOnlyWhereChanceDoesNotExplainIt() {
        assertThat(score(4, 20, drift(0.01)).excess()).isZero(); // 4 of 100 against 3 %: the interval begins at 1.6 %
        assertThat(score(12, 20, drift(0.01)).excess()).isPositive(); // it begins at 7 %
    }

    @Test
    void aPlanThatCorrectsOneSentenceOnlyIsBeyondTheBudgetWhereChanceDoesNotExplainIt() {
        assertThat(score(0, 20, 0, drift(0.01), SMALL).excess()).isPositive(); // 0 of 20: the interval ends at 16 %
        assertThat(score(0, 20, 8, drift(0.01), SMALL).excess()).isZero(); // 8 of 20: it holds one half
    }

    @Test
    void aChangeLargerThanWhatItChangesIsBeyondTheBudgetHoweverWellItRepairs() {
        assertThat(score(0, 20, 20, drift(0.01), new ChangeSize(7.5, 0.01, Optional.empty()))
                        .excess())
                .isCloseTo(0.875, org.assertj.core.api.Assertions.within(1e-9));
        assertThat(score(0, 20, 20, drift(0.01), new ChangeSize(0.3, 0.9, Optional.empty()))
                        .excess())
                .isCloseTo(0.5, org.assertj.core.api.Assertions.within(1e-9));
    }

    @Test
    void aPlanForManyIsWorthItsRepairTimesTheChanceThatGatesPassIt() {
        // 1.7 % is within 3 %, but a gate that wants to be sure may leave it open: half is 1.5 %
        assertThat(foresighted(0, 300).chance()).isGreaterThan(0.99);
        assertThat(foresighted(5, 300).chance()).isBetween(0.3, 0.5);
        assertThat(foresighted(5, 300).excess()).isZero();
        assertThat(PlanScore.BEST_FIRST.compare(foresighted(0, 200), foresighted(5, 300)))
                .isNegative();
        assertThat(PlanScore.BEST_FIRST.compare(foresighted(1, 300), foresighted(0, 100)))
                .isNegative();
    }

    private static PlanScore foresighted(int harmed, int repaired) {
        Map<EditSet, SetOutcome> sets = new EnumMap<>(EditSet.class);
        for (EditSet set : EditSet.values()) {
            int changed = set.mustChange() ? repaired : set == EditSet.SPECIFICITY_RANDOM ? harmed : 0;
            sets.put(set, outcome(300, changed, set.mustChange()));
        }
        return PlanScore.of(judgement(sets, drift(0.01), SMALL), Gates.DEFAULTS, true);
    }

    @Test
    void driftIsNoSampleAndCountsAtOnce() {
        double limit = Gates.DEFAULTS.limit("drift_kl_max");
        assertThat(score(0, 20, drift(1.1 * limit)).excess())
                .isCloseTo(0.1, org.assertj.core.api.Assertions.within(1e-9));
    }

    @Test
    void withinTheBudgetMoreRepairForTheHarmComesFirst() {
        List<PlanScore> scores = new ArrayList<>(List.of(
                score(0, 4, drift(0.01)),
                score(12, 20, drift(0.01)),
                score(2, 18, drift(0.01)),
                score(2, 20, drift(0.01))));
        PlanScore repairsAll = scores.get(3);
        PlanScore breaksMuch = scores.get(1);
        scores.sort(PlanScore.BEST_FIRST);
        assertThat(scores.get(0)).isEqualTo(repairsAll);
        assertThat(scores.get(3)).isEqualTo(breaksMuch);
    }
}
