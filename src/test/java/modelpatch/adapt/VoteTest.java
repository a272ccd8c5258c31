package modelpatch.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VoteTest {
    @Test
    void whatMostWordingsSayWins() {
        assertThat(Vote.of(List.of(List.of("Rome"), List.of("Paris"), List.of("Paris"))))
                .isEqualTo("Paris");
    }

    @Test
    void aTieIsDecidedByTheWordingOfTheQuestion() {
        assertThat(Vote.of(List.of(List.of("Rome"), List.of("Paris")))).isEqualTo("Rome");
        assertThat(Vote.of(List.of(List.of("Oslo"), List.of("Paris", "Rome"), List.of("Rome", "Paris"))))
                .as("the question's own wording says neither: the first mentioned")
                .isEqualTo("Paris");
    }

    /** Without the first stage "d" would have 1 + 2 votes and win over "a" with 2. */
    @Test
    void onlyTheThreeBestOfAWordingComeIntoTheSecondStage() {
        List<String> crowded = List.of("a", "a", "b", "b", "c", "c", "d");
        assertThat(Vote.of(List.of(crowded, List.of("d"), List.of("a")))).isEqualTo("a");
        assertThat(Vote.of(List.of(List.of("d", "d", "d", "d"), crowded))).isEqualTo("d");
    }

    @Test
    void whatCouldNotBeReadIsNoVote() {
        assertThat(Vote.of(List.of(List.of(), List.of(" "), List.of("Rome")))).isEqualTo("Rome");
        assertThat(Vote.of(List.of(List.of(), List.of()))).isEmpty();
        assertThat(Vote.of(List.of())).isEmpty();
    }

    @Test
    void theSoftVoteTakesTheGreatestMean() {
        Map<String, double[]> scores = new LinkedHashMap<>();
        scores.put("Rome", new double[] {-1, -9});
        scores.put("Paris", new double[] {-4, -4});
        scores.put("Oslo", new double[] {-3, -5});
        assertThat(Vote.soft(scores)).as("of equals the first").isEqualTo("Paris");
        assertThat(Vote.soft(Map.of())).isEmpty();
    }
}
