package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.Interval;
import modelpatch.model.Readout;
import org.junit.jupiter.api.Test;

/** Made-up effects of two layers with two heads each; logit differences, everything else 0. */
class RankerTest {
    private static final LocateOptions OPTIONS = LocateOptions.defaults(7);

    @Test
    void headsAreRankedByTheMeanEffectBeyondTheControl() {
        // L1H0 moves the answer most and would move any; L0H1 moves it because of the bridge.
        Ranking ranking = rank(List.of(
                mediation("a", "France", new double[] {0, 3, 5, 1}, new double[] {0, 0, 5, 0}),
                mediation("b", "Italy", new double[] {0, 1, 5, 1}, new double[] {0, -1, 4, 2})));
        assertThat(ranking.cases()).isEqualTo(2);
        assertThat(ranking.bridges()).isEqualTo(2);
        assertThat(ranking.heads()).extracting(RankedHead::head).containsExactly("L0H1", "L1H0", "L0H0", "L1H1");
        RankedHead best = ranking.heads().get(0);
        assertThat(best.effect()).isEqualTo(2);
        assertThat(best.control()).isEqualTo(-0.5);
        assertThat(best.score()).isEqualTo(2.5);
        // two bridges whose scores are 3 and 2: a resample has a mean between them
        assertThat(best.ci()).contains(new Interval(2, 3));
        assertThat(best.clearlyPositive()).isTrue();
        assertThat(ranking.heads().get(1).clearlyPositive()).isFalse();
        assertThat(ranking.layers().attention().get(1).score()).isEqualTo(0.5);
    }

    @Test
    void aCaseWithoutAControlIsNoEvidence() {
        CaseMediation alone = mediation("a", "France", new double[] {9, 9, 9, 9}, null);
        Ranking ranking = rank(List.of(alone));
        assertThat(ranking.cases()).isZero();
        assertThat(ranking.heads()).isEmpty();
        assertThat(ranking.layers().attention()).isEmpty();
    }

    @Test
    void casesOfOneBridgeGiveNoInterval() {
        Ranking ranking = rank(List.of(
                mediation("a", "France", new double[] {1, 1, 1, 1}, new double[] {0, 0, 0, 0}),
                mediation("b", "France", new double[] {3, 3, 3, 3}, new double[] {0, 0, 0, 0})));
        assertThat(ranking.heads()).allSatisfy(head -> {
            assertThat(head.score()).isEqualTo(2);
            assertThat(head.ci()).isEmpty();
        });
    }

    @Test
    void necessityIsWhatRightAnswersLoseOnAverage() {
        List<CaseMediation> failing =
                List.of(mediation("a", "France", new double[] {1, 1, 1, 1}, new double[] {0, 0, 0, 0}));
        CaseMediation right = new CaseMediation(
                "r",
                "Italy",
                "x",
                false,
                readout(),
                Optional.empty(),
                Optional.of("Spain"),
                Optional.of(restoration(new double[] {-4, 0, 1, 0})));
        Ranking ranking = new Ranker(OPTIONS, 2).rank(failing, List.of(right), one -> Optional.of(one.last()));
        assertThat(ranking.heads())
                .filteredOn(head -> head.head().equals("L0H0"))
                .singleElement()
                .satisfies(head -> assertThat(head.necessity()).hasValue(4));
        assertThat(rank(failing).heads().get(0).necessity()).isEmpty();
    }

    private static Ranking rank(List<CaseMediation> failing) {
        return new Ranker(OPTIONS, 2).rank(failing, List.of(), one -> Optional.of(one.last()));
    }

    /** @param control null for none */
    private static CaseMediation mediation(String id, String bridge, double[] guide, double[] control) {
        return new CaseMediation(
                id,
                bridge,
                "x",
                true,
                readout(),
                Optional.of(restoration(guide)),
                Optional.ofNullable(control).map(c -> "Spain"),
                Optional.ofNullable(control).map(RankerTest::restoration));
    }

    /** A layer's attention has the effect of its first head. */
    private static DonorEffects restoration(double[] heads) {
        List<Effect> layers = List.of(effect(heads[0]), effect(heads[2]));
        return new DonorEffects(
                effect(1),
                new SiteEffects(
                        List.of(
                                List.of(effect(heads[0]), effect(heads[1])),
                                List.of(effect(heads[2]), effect(heads[3]))),
                        ByLayerSite.of(
                                site -> site == LayerSite.ATTENTION ? layers : Collections.nCopies(2, effect(0)))),
                Optional.empty());
    }

    private static Effect effect(double logitDifference) {
        return new Effect(0, 0, logitDifference);
    }

    private static Readout readout() {
        return new Readout(new double[] {0, 0}, 1);
    }
}
