package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Tally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatesTest {
    @TempDir
    Path folder;

    @Test
    void theFileInConfigsSaysTheDefaults() {
        assertThat(Gates.read(Path.of("configs", "gates.yaml"))).isEqualTo(Gates.DEFAULTS);
    }

    @Test
    void whatAFileLeavesOutHasItsDefault() throws IOException {
        Gates gates = Gates.read(file("harm_hops_max: 0.5\n"));
        assertThat(gates.limit("harm_hops_max")).isEqualTo(0.5);
        assertThat(gates.limit("correction_min")).isEqualTo(Gates.DEFAULTS.limit("correction_min"));
    }

    @Test
    void anUnknownKeyIsRefusedByNameWithItsLine() throws IOException {
        Path file = file("# limits\nharm_hops_max: 0.5\nharm_hop_max: 0.5\n");
        assertThatThrownBy(() -> Gates.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("harm_hop_max")
                .hasMessageContaining(":3:");
    }

    @Test
    void aRepeatedKeyAndWhatIsNoNumberAreRefused() throws IOException {
        Path twice = file("harm_hops_max: 0.5\nharm_hops_max: 0.4\n");
        assertThatThrownBy(() -> Gates.read(twice)).isInstanceOf(BadInput.class).hasMessageContaining("again");
        for (String value : List.of("little", "-1", ".nan", "[1]", "~")) {
            Path file = file("harm_hops_max: " + value + "\n");
            assertThatThrownBy(() -> Gates.read(file)).as(value).isInstanceOf(BadInput.class);
        }
    }

    @Test
    void whatWasMeasuredWholePassesAtItsLimitAndFailsBeyond() {
        assertThat(GateResult.whole("drift_kl_max", 0.1, OptionalDouble.of(0.1)).state())
                .isEqualTo(GateResult.State.PASSED);
        assertThat(GateResult.whole("drift_kl_max", 0.1, OptionalDouble.of(0.1001))
                        .state())
                .isEqualTo(GateResult.State.FAILED);
        assertThat(GateResult.census("correction_min", 0.8, new Tally(8, 10)).state())
                .isEqualTo(GateResult.State.PASSED);
        assertThat(GateResult.census("correction_min", 0.8, new Tally(7, 10)).state())
                .isEqualTo(GateResult.State.FAILED);
    }

    @Test
    void whatWasNotMeasuredIsUndecidedAndSaysSo() {
        GateResult gate = GateResult.whole("harm_hops_max", 0.05, OptionalDouble.empty());
        assertThat(gate.state()).isEqualTo(GateResult.State.UNDECIDED);
        assertThat(gate.passed()).isFalse();
        assertThat(gate.toString()).contains("nothing");
        assertThat(GateResult.sample("harm_hops_max", 0.05, Tally.NONE).state()).isEqualTo(GateResult.State.UNDECIDED);
        assertThat(GateResult.census("correction_min", 0.8, Tally.NONE).state()).isEqualTo(GateResult.State.UNDECIDED);
    }

    @Test
    void aLimitThatNoRateCanBreakIsKeptByNothing() {
        assertThat(GateResult.sample("harm_hops_max", 1, Tally.NONE).state()).isEqualTo(GateResult.State.PASSED);
        assertThat(GateResult.sample("paraphrase_min", 0, Tally.NONE).state()).isEqualTo(GateResult.State.PASSED);
    }

    /** 0.975 = 1 - 0.05 / 2: with no failure among n, the upper limit is 1 - 0.025^(1/n), for 3 % below it from n = 122 on. */
    @Test
    void oneItemDecidesNothingAndManyAlikeDecide() {
        String random = "harm_specificity_random_max";
        assertThat(GateResult.sample(random, 0.03, new Tally(0, 1)).state()).isEqualTo(GateResult.State.UNDECIDED);
        assertThat(GateResult.sample(random, 0.03, new Tally(1, 1)).state()).isEqualTo(GateResult.State.UNDECIDED);
        assertThat(GateResult.sample(random, 0.03, new Tally(0, 121)).state()).isEqualTo(GateResult.State.UNDECIDED);
        assertThat(GateResult.sample(random, 0.03, new Tally(0, 122)).state()).isEqualTo(GateResult.State.PASSED);
        assertThat(GateResult.sample(random, 0.03, new Tally(30, 122)).state()).isEqualTo(GateResult.State.FAILED);
        assertThat(GateResult.sample("paraphrase_min", 0.5, new Tally(2, 2)).state())
                .isEqualTo(GateResult.State.UNDECIDED);
        assertThat(GateResult.sample("paraphrase_min", 0.5, new Tally(6, 6)).state())
                .isEqualTo(GateResult.State.PASSED);
        assertThat(GateResult.sample("paraphrase_min", 0.5, new Tally(0, 6)).state())
                .isEqualTo(GateResult.State.FAILED);
    }

    /** The claim that a verdict makes, by brute force: whatever the true rate beyond the limit, few samples of it pass. */
    @ParameterizedTest
    @ValueSource(doubles = {0.031, 0.05, 0.1, 0.3})
    void aPatchBeyondItsLimitPassesInAtMostOneSampleOfForty(double rate) {
        Random random = new Random(7);
        int passed = 0;
        int samples = 4000;
        for (int i = 0; i < samples; i++) {
            int harmed = 0;
            for (int item = 0; item < 200; item++) {
                harmed += random.nextDouble() < rate ? 1 : 0;
            }
            passed += GateResult.sample("harm_specificity_random_max", 0.03, new Tally(harmed, 200))
                            .passed()
                    ? 1
                    : 0;
        }
        assertThat(passed).isLessThanOrEqualTo(samples / 40);
    }

    @Test
    void enoughItemsDecideAPatchThatIsThreeTimesAsGoodAsItMustBe() {
        for (EditSet set : Gates.limitedSets()) {
            int enough = Gates.DEFAULTS.enough(set, Tally.NONE);
            double limit = Gates.DEFAULTS.limitOfHarm(set);
            assertThat(Interval.exact(Math.round(limit / 3 * enough), enough)
                            .orElseThrow()
                            .high())
                    .isLessThanOrEqualTo(limit);
            assertThat(enough).isBetween(10, 500);
        }
    }

    @Test
    void moreIsNeededTheCloserTheRateIsToItsLimit() {
        EditSet random = EditSet.SPECIFICITY_RANDOM;
        int few = Gates.DEFAULTS.enough(random, new Tally(0, 100));
        int more = Gates.DEFAULTS.enough(random, new Tally(5, 315));
        assertThat(more).isGreaterThan(few);
        assertThat(Interval.exact(Math.round(5 * more / 315.0), more)
                        .orElseThrow()
                        .high())
                .isLessThanOrEqualTo(0.03);
        assertThat(Gates.DEFAULTS.enough(random, new Tally(3, 100)))
                .as("at the limit itself")
                .isEqualTo(2000);
        assertThat(Gates.DEFAULTS.enough(random, new Tally(50, 100)))
                .as("far beyond it")
                .isLessThan(10);
    }

    @Test
    void oneFailureFailsAPatchAndElseOneOpenGateLeavesItOpenUnlessItMay() {
        Map<EditSet, PairedOutcome> sets = new EnumMap<>(EditSet.class);
        sets.put(EditSet.CORRECTION, new PairedOutcome(0, 0, 9, 1, 0));
        sets.put(EditSet.PARAPHRASE, new PairedOutcome(0, 0, 19, 1, 0));
        sets.put(EditSet.SPECIFICITY_RELATION, new PairedOutcome(1, 0, 0, 0, 0));
        sets.put(EditSet.SPECIFICITY_RANDOM, new PairedOutcome(200, 0, 0, 0, 0));
        sets.put(EditSet.HOPS, new PairedOutcome(200, 0, 0, 0, 0));
        List<GateResult> results = Gates.DEFAULTS.judge(evidence(sets));
        assertThat(Gates.DEFAULTS.verdict(results)).isEqualTo(GateResult.State.UNDECIDED);
        assertThat(Gates.DEFAULTS.open(results)).containsExactly(EditSet.SPECIFICITY_RELATION);
        Gates lenient = new Gates(Gates.DEFAULTS.limits(), Set.of("harm_specificity_relation_max"));
        assertThat(lenient.verdict(results)).isEqualTo(GateResult.State.PASSED);
        assertThat(lenient.open(results)).isEmpty();
        sets.put(EditSet.HOPS, new PairedOutcome(50, 50, 0, 0, 0));
        assertThat(lenient.verdict(lenient.judge(evidence(sets)))).isEqualTo(GateResult.State.FAILED);
    }

    @Test
    void generalisationAndSiblingsAreJudgedOnlyWhereSomebodyClaimsThem() throws IOException {
        assertThat(names(Gates.DEFAULTS)).doesNotContain("generalisation_min", "siblings_min");
        assertThat(names(Gates.read(file("siblings_min: 0.3\n")))).contains("siblings_min");
        assertThat(names(Gates.DEFAULTS.claiming(Set.of(EditSet.GENERALISATION))))
                .contains("generalisation_min");
    }

    private static List<String> names(Gates gates) {
        return gates.judge(evidence(Map.of())).stream().map(GateResult::name).toList();
    }

    @Test
    void aPatchLargerThanWhatItChangesFailsAndSoDoesOneThatEightBitsLose() {
        ChangeSize large = new ChangeSize(51.8, 0.7, Optional.of(new Tally(1, 4)));
        List<GateResult> results = Gates.DEFAULTS.judge(
                new GateEvidence(Map.of(), Optional.empty(), Optional.empty(), Optional.of(large)));
        assertThat(results)
                .filteredOn(gate -> gate.state() == GateResult.State.FAILED)
                .extracting(GateResult::name)
                .containsExactly("change_relative_norm_max", "change_rank_share_max", "quantised_correction_min");
    }

    @Test
    void gatesThatMayBeUndecidedAreNamedInTheFile() throws IOException {
        assertThat(Gates.read(file("may_be_undecided: [harm_hops_max]\n")).mayBeUndecided())
                .containsExactly("harm_hops_max");
        Path wrong = file("may_be_undecided:\n  - harm_hop_max\n");
        assertThatThrownBy(() -> Gates.read(wrong))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("harm_hop_max")
                .hasMessageContaining(":2:");
    }

    @Test
    void tightenedLimitsLeaveRoomForOtherQuestions() {
        Gates tight = Gates.DEFAULTS.tightened(0.5);
        assertThat(tight.limit("harm_hops_max")).isEqualTo(Gates.DEFAULTS.limit("harm_hops_max") / 2);
        assertThat(tight.limit("correction_min")).isEqualTo(Gates.DEFAULTS.limit("correction_min"));
        assertThat(tight.limit("drift_perplexity_ratio_max")).isEqualTo(1.025);
    }

    private Path file(String text) throws IOException {
        Path file = Files.createTempFile(folder, "gates", ".yaml");
        return Files.writeString(file, text);
    }

    private static GateEvidence evidence(Map<EditSet, PairedOutcome> sets) {
        return new GateEvidence(sets, Optional.empty(), Optional.empty(), Optional.empty());
    }
}
