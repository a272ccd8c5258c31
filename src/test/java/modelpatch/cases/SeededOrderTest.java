package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sides of suites, findings, repairs and worlds rest on these choices, so their values are held. */
class SeededOrderTest {
    private static final List<String> NAMES =
            IntStream.range(0, 40).mapToObj(i -> "case " + i).toList();

    @Test
    void numbersAndDrawsAreTheSameOnEveryMachine() {
        assertThat(SeededOrder.number(1, "side", "Plato")).isEqualTo(6002791632324891800L);
        assertThat(SeededOrder.draws(1, "wrong bridge", "P50-P19:gorgias").nextLong())
                .isEqualTo(-4054700665161705402L);
        assertThat(SeededOrder.draws(1, "generic").nextLong()).isEqualTo(2577289287690018724L);
    }

    @Test
    void aShuffleIsThatOfTheLibraryForTheGeneratorsThatItKnows() {
        for (int seed = 0; seed < 20; seed++) {
            List<String> expected = new ArrayList<>(NAMES);
            Collections.shuffle(expected, new Random(seed));
            assertThat(SeededOrder.shuffled(NAMES, new Random(seed))).isEqualTo(expected);
            assertThat(SeededOrder.shuffled(NAMES, 7, new Random(seed))).isEqualTo(expected.subList(0, 7));
        }
        assertThat(SeededOrder.shuffled(NAMES, 99, new SplittableRandom(0))).containsExactlyInAnyOrderElementsOf(NAMES);
    }

    @Test
    void everyItemComesFirstAsOften() {
        int[] firsts = new int[4];
        for (int seed = 0; seed < 4_000; seed++) {
            List<Integer> order = SeededOrder.shuffled(List.of(0, 1, 2, 3), new SplittableRandom(seed));
            firsts[order.get(0)]++;
        }
        // 1000 expected each; 5 standard deviations of a binomial are 137
        assertThat(IntStream.of(firsts)).allMatch(count -> Math.abs(count - 1_000) < 137);
    }

    @Test
    void whatIsDrawnByNameDoesNotMoveWhenOthersComeOrGo() {
        List<String> all = SeededOrder.some(NAMES, 0, 3, "right", Function.identity());
        List<String> fewer = SeededOrder.some(
                NAMES.stream().filter(name -> !name.endsWith("7")).toList(), 0, 3, "right", Function.identity());
        assertThat(all).containsExactlyInAnyOrderElementsOf(NAMES).isNotEqualTo(NAMES);
        assertThat(fewer)
                .isEqualTo(all.stream().filter(name -> !name.endsWith("7")).toList());
        assertThat(SeededOrder.some(NAMES, 5, 3, "right", Function.identity())).isEqualTo(all.subList(0, 5));
        assertThat(SeededOrder.some(NAMES, 0, 3, "failing", Function.identity()))
                .isNotEqualTo(all);
        assertThat(SeededOrder.some(NAMES, 0, 4, "right", Function.identity())).isNotEqualTo(all);
    }
}
