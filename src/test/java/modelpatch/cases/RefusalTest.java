package modelpatch.cases;

import static modelpatch.cases.Sentences.fact;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each reason for refusing a chain, on the smallest facts that bring it about. */
class RefusalTest {
    private static final Relations RELATIONS = Sentences.relations("author", "home", "capital");

    @Test
    void aHopWithTwoObjectsIsRefusedAndNamed() {
        CaseSuite suite = compose(
                fact("Misery", "author", "Stephen King"),
                fact("Stephen King", "home", "Maine"),
                fact("Stephen King", "home", "Florida"));
        assertThat(refusals(suite)).containsExactly(Refusal.AMBIGUOUS_FACT, Refusal.AMBIGUOUS_FACT);
        assertThat(suite.cases()).isEmpty();
        assertThat(suite.counts().ambiguousPairs()).isEqualTo(1);
        assertThat(suite.ambiguities())
                .containsExactly(new Ambiguity("Stephen King", "home", List.of("Maine", "Florida"), List.of()));
    }

    @Test
    void aRelationWithoutSentencesMakesNoCase() {
        assertThat(refusals(compose(fact("Misery", "author", "Stephen King"), fact("Stephen King", "shoe size", "12"))))
                .containsExactly(Refusal.NO_SENTENCES);
    }

    @Test
    void anAnswerThatIsItsBridgeIsRefused() {
        assertThat(refusals(compose(fact("Berlin", "home", "Germany"), fact("Germany", "capital", "Germany"))))
                .contains(Refusal.ANSWER_IS_BRIDGE);
    }

    @Test
    void anAnswerWithAnAliasThatIsTheBridgeIsRefusedEvenInOtherCase() {
        assertThat(refusals(compose(
                        fact("Ann", "home", "Luxembourg"), fact("Luxembourg", "capital", "Lux City", "LUXEMBOURG"))))
                .contains(Refusal.ANSWER_IS_BRIDGE);
    }

    @Test
    void anAnswerThatIsTheSubjectIsRefused() {
        assertThat(refusals(compose(fact("Paris", "home", "France"), fact("France", "capital", "Paris"))))
                .containsExactly(Refusal.ANSWER_IS_SUBJECT, Refusal.ANSWER_IS_SUBJECT);
    }

    @Test
    void aBridgeThatIsTheSubjectIsRefused() {
        assertThat(refusals(compose(fact("Narcissus", "author", "Narcissus"), fact("Narcissus", "home", "Thespiae"))))
                .contains(Refusal.BRIDGE_REPEATS);
    }

    @Test
    void anAnswerThatCanBeReadInThePromptIsRefused() {
        assertThat(refusals(compose(
                        fact("Maine Stories", "author", "Stephen King"), fact("Stephen King", "home", "Maine"))))
                .containsExactly(Refusal.ANSWER_IN_PROMPT);
    }

    @Test
    void anAliasThatCanBeReadInThePromptIsRefused() {
        assertThat(refusals(compose(
                        fact("Pine Tree State Stories", "author", "Stephen King"),
                        fact("Stephen King", "home", "Maine", "Pine Tree State"))))
                .containsExactly(Refusal.ANSWER_IN_PROMPT);
    }

    @Test
    void aBridgeThatCanBeReadInThePromptIsRefused() {
        assertThat(refusals(compose(
                        fact("Homage to Stephen King", "author", "Stephen King"),
                        fact("Stephen King", "home", "Maine"))))
                .containsExactly(Refusal.BRIDGE_IN_PROMPT);
    }

    @Test
    void anAnswerThatOnlyTheGuideGivesAwayIsRefused() {
        assertThat(refusals(compose(
                        fact("Hard Times", "author", "University of Cambridge"),
                        fact("University of Cambridge", "home", "Cambridge"))))
                .containsExactly(Refusal.ANSWER_IN_GUIDE);
    }

    @Test
    void partsOfWordsAreNotRead() {
        CaseSuite suite = compose(fact("Mainely", "author", "Stephen King"), fact("Stephen King", "home", "Maine"));
        assertThat(suite.cases()).hasSize(1);
    }

    @Test
    void longerChainsWhoseBridgesFallOnBothSidesAreRefused() {
        List<Fact> chain = List.of(
                fact("Misery", "author", "Stephen King"),
                fact("Stephen King", "home", "Maine"),
                fact("Maine", "capital", "Augusta"));
        List<Refusal> seen = new ArrayList<>();
        for (long seed = 0; seed < 40; seed++) {
            CaseSuite suite =
                    CaseSuite.compose(FactTable.of(chain), RELATIONS, EntityNames.none(), new SuiteRecipe(3, 3, seed));
            boolean apart = SuiteSplit.of("Stephen King", seed) != SuiteSplit.of("Maine", seed);
            assertThat(suite.cases()).hasSize(apart ? 0 : 1);
            seen.addAll(refusals(suite));
        }
        assertThat(seen).isNotEmpty().containsOnly(Refusal.BRIDGES_ON_BOTH_SIDES);
    }

    @Test
    void theFirstReasonCountsAndOnlyOne() {
        CaseSuite suite =
                compose(fact("Maine by Stephen King", "author", "Stephen King"), fact("Stephen King", "home", "Maine"));
        assertThat(refusals(suite)).containsExactly(Refusal.ANSWER_IN_PROMPT);
        assertThat(suite.counts().refused()).containsOnlyKeys(Refusal.values());
    }

    private static CaseSuite compose(Fact... facts) {
        return CaseSuite.compose(
                FactTable.of(Arrays.asList(facts)), RELATIONS, EntityNames.none(), SuiteRecipe.twoHops(0));
    }

    /** Every refusal as often as it was counted. */
    private static List<Refusal> refusals(CaseSuite suite) {
        List<Refusal> refusals = new ArrayList<>();
        suite.counts().refused().forEach((reason, times) -> {
            for (int i = 0; i < times; i++) {
                refusals.add(reason);
            }
        });
        return refusals;
    }
}
