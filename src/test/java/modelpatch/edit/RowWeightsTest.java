package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowWeightsTest {
    @Test
    void aCompositionThatSaysWhatItsGuideSaidAndAPromptThatSaysWhatItSaidKeepTheirWeight() {
        Map<Role, List<int[]>> prompts =
                Map.of(Role.EDIT, List.of(new int[] {1}, new int[] {2}), Role.PROTECTED, List.of(new int[] {3}));
        int[] guides = {7, 8};
        int[] held = {9};
        LikeliestTokens base = new LikeliestTokens(new int[] {5, 6}, guides, held);
        RowWeights alike = RowWeights.alike(prompts);
        RowWeights repaired = base.missedBy(new LikeliestTokens(guides, guides, held), alike);
        assertThat(repaired.of(Role.EDIT)).containsExactly(1, 1);
        assertThat(repaired.of(Role.PROTECTED)).containsExactly(1);
        RowWeights missed = base.missedBy(new LikeliestTokens(new int[] {7, 6}, guides, new int[] {0}), alike);
        assertThat(missed.of(Role.EDIT)).containsExactly(1, 2);
        assertThat(missed.of(Role.PROTECTED)).containsExactly(3);
    }

    @Test
    void whatWasMovedThoughHeldWeighsMoreThanWhatWasNotMovedAndNeitherGrowsWithoutLimit() {
        Map<Role, List<int[]>> two = Map.of(
                Role.EDIT, List.of(new int[] {1}, new int[] {2}), Role.PROTECTED, List.of(new int[] {3}, new int[] {4
                }));
        RowWeights weights = RowWeights.alike(two);
        boolean[] onlyFirst = {true, false};
        RowWeights next = weights.after(onlyFirst, onlyFirst);
        assertThat(next.of(Role.EDIT)).containsExactly(1, 2);
        assertThat(next.of(Role.PROTECTED)).containsExactly(1, 3);
        for (int round = 0; round < 5; round++) {
            next = next.after(onlyFirst, onlyFirst);
        }
        assertThat(next.of(Role.EDIT)).containsExactly(1, 9);
        assertThat(next.of(Role.PROTECTED)).containsExactly(1, 9);
        assertThat(weights.of(Role.EDIT)).containsExactly(1, 1);
    }
}
