package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;

class BisectionTest {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private static Predicate<BitSet> fails(Predicate<BitSet> broken) {
        return stack -> !broken.test(stack);
    }

    @Test
    void onePatchAmongManyIsFoundByHalves() {
        for (int culprit = 0; culprit < 64; culprit++) {
            int one = culprit;
            Bisection.Found found = new Bisection(64, fails(stack -> stack.get(one))).search(NO_LIMIT);
            assertThat(found.monotone()).isTrue();
            assertThat(found.boundary()).contains(culprit);
            assertThat(found.culprits()).containsExactly(List.of(culprit));
            assertThat(found.runs()).as("whole, base, six halves, the check").isLessThanOrEqualTo(9);
        }
    }

    @Test
    void twoPatchesThatBreakOnlyTogetherAreNamedEach() {
        // either of the two may go: each is a culprit of its own
        Bisection.Found found = new Bisection(8, fails(stack -> stack.get(2) && stack.get(5))).search(NO_LIMIT);
        assertThat(found.culprits()).contains(List.of(5));
        assertThat(found.boundary()).contains(5);
    }

    @Test
    void twoPatchesThatBreakEachAloneMustBothGo() {
        Bisection.Found found = new Bisection(8, fails(stack -> stack.get(2) || stack.get(5))).search(NO_LIMIT);
        assertThat(found.monotone()).isFalse();
        assertThat(found.culprits()).containsExactly(List.of(2, 5));
    }

    @Test
    void aPatchThatHealsWhatAnotherBreaksIsSeenThrough() {
        // 1 breaks, 3 heals it, 6 breaks again whatever is below
        Predicate<BitSet> broken = stack -> (stack.get(1) && !stack.get(3)) || stack.get(6);
        Bisection.Found found = new Bisection(8, fails(broken)).search(NO_LIMIT);
        BitSet rest = new BitSet();
        rest.set(0, 8);
        found.culprits().get(0).forEach(rest::clear);
        assertThat(broken.test(rest)).isFalse();
        assertThat(found.culprits()).containsExactly(List.of(6));
    }

    @Test
    void whateverTheEffectsAreTheSmallestSetsAreFound() {
        Random random = new Random(7);
        int exact = 0;
        for (int trial = 0; trial < 300; trial++) {
            int patches = 2 + random.nextInt(5);
            boolean[] broken = new boolean[1 << patches];
            for (int i = 1; i < broken.length; i++) {
                broken[i] = random.nextBoolean();
            }
            broken[broken.length - 1] = true;
            Bisection.Found found = new Bisection(
                            patches, stack -> !broken[stack.isEmpty() ? 0 : (int) stack.toLongArray()[0]])
                    .search(NO_LIMIT);
            List<List<Integer>> all = smallest(broken, patches);
            if (found.monotone()) {
                assertThat(all).contains(found.culprits().get(0));
            } else {
                exact++;
                assertThat(found.culprits()).containsExactlyInAnyOrderElementsOf(all);
            }
        }
        assertThat(exact).as("trials that halves could not answer").isGreaterThan(50);
    }

    /** By definition: all smallest sets whose removal heals. */
    private static List<List<Integer>> smallest(boolean[] broken, int patches) {
        List<List<Integer>> best = new ArrayList<>();
        int fewest = Integer.MAX_VALUE;
        for (int removed = 1; removed < broken.length; removed++) {
            if (!broken[(broken.length - 1) & ~removed] && Integer.bitCount(removed) <= fewest) {
                if (Integer.bitCount(removed) < fewest) {
                    best.clear();
                    fewest = Integer.bitCount(removed);
                }
                List<Integer> set = new ArrayList<>();
                for (int i = 0; i < patches; i++) {
                    if ((removed >> i & 1) == 1) {
                        set.add(i);
                    }
                }
                best.add(set);
            }
        }
        return best;
    }

    @Test
    void aCaseThatHoldsOrFailsOnTheBaseHasNoCulprit() {
        assertThat(new Bisection(4, stack -> true).search(NO_LIMIT).culprits()).isEmpty();
        Bisection onBase = new Bisection(4, stack -> false);
        assertThat(onBase.search(NO_LIMIT).culprits()).isEmpty();
        assertThat(onBase.baseHolds()).isFalse();
    }

    @Test
    void theExactSearchHasALimitThatIsNamed() {
        assertThatThrownBy(() -> new Bisection(20, BitSet::isEmpty).search(100))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("100 stacks");
    }
}
