package modelpatch.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Verdict;
import modelpatch.guard.Gates;
import modelpatch.locate.Diagnosis;
import org.junit.jupiter.api.Test;

class RoutingTest {
    private static final Set<String> TARGETS =
            IntStream.range(0, 10).mapToObj(i -> "case " + i).collect(Collectors.toSet());

    /** Of {@code asked} unrelated questions that were right so many turn wrong. */
    private static RemedyTable.Row harming(String remedy, int harmed, int asked) {
        PairedOutcome pairs = new PairedOutcome(asked - harmed, harmed, 0, 0, 0);
        SetOutcome outcome = new SetOutcome(
                asked - harmed,
                harmed,
                0,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                pairs,
                1,
                asked,
                List.of(),
                List.of());
        return new RemedyTable.Row(
                remedy,
                Map.of(EditSet.SPECIFICITY_RANDOM, outcome),
                Optional.empty(),
                0,
                OptionalDouble.empty(),
                0,
                "while asked",
                true,
                "nothing",
                "");
    }

    private static Map<String, Verdict> correcting(int count) {
        Map<String, Verdict> verdicts = new TreeMap<>();
        TARGETS.forEach(id -> verdicts.put(id, verdicts.size() < count ? Verdict.RIGHT : Verdict.WRONG));
        return verdicts;
    }

    private static Route route(RemedyTable.Row slow, RemedyTable.Row icl) {
        return Routing.of(
                        Map.of(Diagnosis.FORMED_TOO_LATE, TARGETS),
                        List.of(slow, icl),
                        Map.of("slow", correcting(9), "icl", correcting(2)),
                        Gates.DEFAULTS)
                .get(0);
    }

    @Test
    void oneHarmedItemOfTenDoesNotRuleOutTheRemedyThatCorrectsMost() {
        Route route = route(harming("slow", 1, 10), harming("icl", 0, 300));
        assertThat(route.remedy()).isEqualTo("slow");
        assertThat(route.corrected()).allMatch(Route.Evidence::allowed);
    }

    @Test
    void harmThatIsShownToExceedTheLimitDoes() {
        Route route = route(harming("slow", 30, 100), harming("icl", 0, 300));
        assertThat(route.remedy()).isEqualTo("icl");
        assertThat(route.corrected()).extracting(Route.Evidence::allowed).containsExactly(false, true);
    }

    @Test
    void whereAllHarmTooMuchNoneIsTaken() {
        Route route = route(harming("slow", 30, 100), harming("icl", 50, 100));
        assertThat(route.remedy()).isEmpty();
        assertThat(route.command()).startsWith("patch apply --each");
    }
}
