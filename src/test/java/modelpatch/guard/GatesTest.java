package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatesTest {
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(50, 1);

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
    void aLimitItselfPassesAndOneItemMoreFails() {
        Map<EditSet, SetOutcome> sets = new EnumMap<>(EditSet.class);
        sets.put(EditSet.CORRECTION, outcome(Verdict.WRONG, 8, 2));
        sets.put(EditSet.HOPS, outcome(Verdict.RIGHT, 19, 1));
        assertThat(Gates.allPassed(Gates.DEFAULTS.judge(sets, Optional.empty(), Optional.empty())))
                .isTrue();
        sets.put(EditSet.HOPS, outcome(Verdict.RIGHT, 18, 2));
        List<GateResult> results = Gates.DEFAULTS.judge(sets, Optional.empty(), Optional.empty());
        assertThat(results)
                .filteredOn(gate -> !gate.passed())
                .extracting(GateResult::name)
                .containsExactly("harm_hops_max");
    }

    @Test
    void whatCouldNotBeMeasuredPassesAndSaysSo() {
        GateResult gate = GateResult.of("harm_hops_max", 0.05, java.util.OptionalDouble.empty());
        assertThat(gate.passed()).isTrue();
        assertThat(gate.value()).isEmpty();
        assertThat(gate.toString()).contains("nothing");
    }

    @Test
    void aLeastValueIsCheckedFromBelow() {
        assertThat(GateResult.of("correction_min", 0.8, java.util.OptionalDouble.of(0.79))
                        .passed())
                .isFalse();
        assertThat(GateResult.of("correction_min", 0.8, java.util.OptionalDouble.of(0.8))
                        .passed())
                .isTrue();
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

    /** Items that were all alike before, of which some are right after. */
    private static SetOutcome outcome(Verdict before, int right, int wrong) {
        List<SetOutcome.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < right + wrong; i++) {
            pairs.add(
                    new SetOutcome.Pair("item " + i, "bridge " + i, before, i < right ? Verdict.RIGHT : Verdict.WRONG));
        }
        return SetOutcome.of(pairs, BOOTSTRAP);
    }
}
