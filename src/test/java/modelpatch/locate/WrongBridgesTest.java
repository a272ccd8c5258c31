package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import org.junit.jupiter.api.Test;

class WrongBridgesTest {
    private final CaseSuite suite = TinyWorld.suite();

    @Test
    void theControlHasTheSameQuestionAnotherBridgeAnotherAnswerAndTheSameSide() {
        WrongBridges wrong = chooser(suite, ids(), 1);
        int found = 0;
        for (CompositionalCase one : suite.cases()) {
            Optional<CompositionalCase> control = wrong.of(one);
            if (control.isPresent()) {
                found++;
                assertThat(control.get().lastHop().relation())
                        .isEqualTo(one.lastHop().relation());
                assertThat(control.get().bridge()).isNotEqualTo(one.bridge());
                assertThat(control.get().answers()).doesNotContainAnyElementsOf(one.answers());
                assertThat(control.get().split()).isEqualTo(one.split());
            }
        }
        assertThat(found).isPositive();
    }

    @Test
    void aGuideThatTheModelKnowsIsPreferred() {
        CompositionalCase one = suite.cases().get(0);
        Set<String> others = suite.cases(one.split()).stream()
                .filter(other -> other.lastHop().relation().equals(one.lastHop().relation()))
                .map(CompositionalCase::bridge)
                .filter(bridge -> !bridge.equals(one.bridge()))
                .collect(Collectors.toSet());
        for (String bridge : others) {
            Set<String> known = suite.cases(one.split()).stream()
                    .filter(other -> other.bridge().equals(bridge))
                    .map(CompositionalCase::id)
                    .collect(Collectors.toSet());
            assertThat(chooser(suite, known, 1).of(one))
                    .get()
                    .extracting(CompositionalCase::bridge)
                    .isEqualTo(bridge);
        }
    }

    @Test
    void theChoiceDependsOnTheSeedAndNotOnTheOtherCases() {
        Set<String> chosen = new HashSet<>();
        CompositionalCase one = suite.cases().get(0);
        for (long seed = 0; seed < 30; seed++) {
            String bridge = chooser(suite, ids(), seed).of(one).orElseThrow().bridge();
            assertThat(chooser(suite, ids(), seed).of(one).orElseThrow().bridge())
                    .isEqualTo(bridge);
            CaseSuite fewerSubjects = suite.only(other ->
                    other.equals(one) || !List.of("p1", "p2", "p3", "p4", "p5").contains(other.subject()));
            assertThat(chooser(fewerSubjects, ids(), seed).of(one).orElseThrow().bridge())
                    .isEqualTo(bridge);
            chosen.add(bridge);
        }
        assertThat(chosen).hasSizeGreaterThan(1);
    }

    @Test
    void whereEveryBridgeIsTheSameThereIsNoControl() {
        CompositionalCase one = suite.cases().get(0);
        CaseSuite sameBridge = suite.only(other -> other.bridge().equals(one.bridge()));
        assertThat(chooser(sameBridge, ids(), 1).of(one)).isEmpty();
    }

    private Set<String> ids() {
        return suite.cases().stream().map(CompositionalCase::id).collect(Collectors.toSet());
    }

    private static WrongBridges chooser(CaseSuite suite, Set<String> known, long seed) {
        return new WrongBridges(suite, TinyWorld.background(), known, seed);
    }
}
