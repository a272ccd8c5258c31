package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The sets of candidates by which an edit is judged, by their definitions, on every fifth shipped case. */
class SetsTest {
    private static final CaseSuite SUITE = Shipped.twoHops();

    @Test
    void generalisationAsksAnotherRelationOfTheSameDescribedBridge() {
        each().forEach(one -> assertThat(SUITE.generalisation(one)).allSatisfy(other -> {
            assertThat(other.hops().get(0)).isEqualTo(one.hops().get(0));
            assertThat(other.lastHop().relation()).isNotEqualTo(one.lastHop().relation());
            assertThat(other.answer()).isNotEqualTo(one.answer());
        }));
        CompositionalCase king = SUITE.find("P27-P36:stephen-king").orElseThrow();
        assertThat(SUITE.generalisation(king))
                .extracting(CompositionalCase::id)
                .containsExactly("P27-P35:stephen-king", "P27-P37:stephen-king", "P27-P6:stephen-king");
    }

    @Test
    void siblingsAskTheSameOfTheSameBridgeThroughAnotherSubject() {
        each().forEach(one -> assertThat(SUITE.siblings(one)).allSatisfy(other -> {
            assertThat(other.subject()).isNotEqualTo(one.subject());
            assertThat(other.lastHop()).isEqualTo(one.lastHop());
        }));
        CompositionalCase king = SUITE.find("P27-P36:stephen-king").orElseThrow();
        assertThat(SUITE.siblings(king)).extracting(CompositionalCase::id).contains("P495-P36:metallica");
    }

    @Test
    void sameRelationsHaveAnotherBridgeAndAnotherAnswer() {
        each().forEach(one -> assertThat(SUITE.sameRelations(one)).allSatisfy(other -> {
            assertThat(other.relations()).isEqualTo(one.relations());
            assertThat(other.bridge()).isNotEqualTo(one.bridge());
            assertThat(other.answer()).isNotEqualTo(one.answer());
        }));
    }

    @Test
    void randomCasesShareNoRelationAndTheirOrderIsAMatterOfTheSeed() {
        each().forEach(one -> assertThat(SUITE.random(one, 5, 1))
                .hasSizeLessThanOrEqualTo(5)
                .allSatisfy(other -> assertThat(other.relations()).doesNotContainAnyElementsOf(one.relations())));
        CompositionalCase king = SUITE.find("P27-P36:stephen-king").orElseThrow();
        assertThat(SUITE.random(king, 20, 1)).hasSize(20).isEqualTo(SUITE.random(king, 20, 1));
        assertThat(SUITE.random(king, 20, 1)).isNotEqualTo(SUITE.random(king, 20, 2));
        assertThat(SUITE.random(king, 20, 1)).isEqualTo(SUITE.random(king, 1).subList(0, 20));
    }

    @Test
    void everyCandidateIsAnotherCaseOnTheSameSide() {
        each().forEach(one -> assertThat(Stream.of(
                                SUITE.generalisation(one),
                                SUITE.siblings(one),
                                SUITE.sameRelations(one),
                                SUITE.random(one, 7))
                        .flatMap(List::stream))
                .allMatch(other -> other.split() == one.split() && !other.id().equals(one.id())));
    }

    private static Stream<CompositionalCase> each() {
        return SUITE.cases().stream().filter(one -> SUITE.cases().indexOf(one) % 5 == 0);
    }
}
