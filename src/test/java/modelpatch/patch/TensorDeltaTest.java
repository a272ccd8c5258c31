package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.solve.Columns;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;
import org.junit.jupiter.api.Test;

class TensorDeltaTest {
    private final Random random = new Random(1);

    @Test
    void theResultIsTheRoundedSumOfBaseAndProducts() {
        Columns columns = Columns.of(8, 1, 4, 5);
        List<TensorDelta> deltas =
                List.of(SmallModel.delta("w", 2, columns, random), SmallModel.delta("w", 3, Columns.all(8), random));
        float[] base = SmallModel.gaussian(48, random);
        float[] patched = TensorDelta.apply(base, deltas);
        for (int row = 0; row < 6; row++) {
            for (int column = 0; column < 8; column++) {
                double sum = 0;
                for (TensorDelta delta : deltas) {
                    for (int k = 0; k < delta.rank(); k++) {
                        for (int c = 0; c < delta.columns().count(); c++) {
                            if (delta.columns().index(c) == column) {
                                sum += (double) delta.left()[row * delta.rank() + k]
                                        * delta.right()[k * delta.columns().count() + c];
                            }
                        }
                    }
                }
                assertThat(patched[row * 8 + column]).isEqualTo((float) (base[row * 8 + column] + sum));
            }
        }
    }

    @Test
    void theBaseIsNotWritten() {
        float[] base = SmallModel.gaussian(48, random);
        float[] copy = base.clone();
        TensorDelta.apply(base, List.of(SmallModel.delta("w", 1, Columns.all(8), random)));
        assertThat(base).containsExactly(copy);
    }

    /** Two inputs of four, two outputs of three: L R put into those columns, or turned where the tensor is stored inputs first. */
    @Test
    void aChangeOfLowRankIsTheSameInBothOrientations() {
        Matrix left = Matrix.of(3, 2, new double[] {1, 2, 3, 4, 5, 6});
        Matrix right = Matrix.of(2, 2, new double[] {7, 8, 9, 10});
        LowRank change = LowRank.product(left, right, Columns.of(4, 1, 3));
        float[] expected = {0, 25, 0, 28, 0, 57, 0, 64, 0, 89, 0, 100};
        float[] turned = new float[12];
        for (int i = 0; i < 12; i++) {
            turned[i % 4 * 3 + i / 4] = expected[i];
        }
        TensorDelta outIn = TensorDelta.of("w", change, Orientation.OUT_IN);
        TensorDelta inOut = TensorDelta.of("w", change, Orientation.IN_OUT);
        assertThat(TensorDelta.apply(new float[12], List.of(outIn))).containsExactly(expected, within(1e-4f));
        assertThat(TensorDelta.apply(new float[12], List.of(inOut))).containsExactly(turned, within(1e-4f));
        assertThat(outIn.rank()).isEqualTo(2);
        float[] half = TensorDelta.apply(new float[12], List.of(outIn.times(0.5f)));
        for (int i = 0; i < 12; i++) {
            assertThat(half[i]).isCloseTo(expected[i] / 2, within(1e-4f));
        }
    }

    @Test
    void whatNoChangeReachesKeepsItsBitsAlsoAMinusZero() {
        float[] base = {-0f, 1, -0f, -0f, 2, 0};
        TensorDelta oneRow = new TensorDelta(
                "w", 2, Columns.of(3, 0, 1), 1, Orientation.OUT_IN, new float[] {0, 1}, new float[] {0, 3});
        int[] bits = new int[base.length];
        float[] patched = TensorDelta.apply(base, List.of(oneRow));
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(patched[i]);
        }
        int minusZero = Float.floatToRawIntBits(-0f);
        assertThat(bits)
                .containsExactly(
                        minusZero, Float.floatToRawIntBits(1), minusZero, minusZero, Float.floatToRawIntBits(5), 0);
    }

    @Test
    void oppositeChangesGiveTheBasesBytes() {
        TensorDelta delta = SmallModel.delta("w", 2, Columns.all(8), random);
        float[] opposite = delta.left();
        for (int i = 0; i < opposite.length; i++) {
            opposite[i] = -opposite[i];
        }
        TensorDelta undo = new TensorDelta("w", 6, Columns.all(8), 2, Orientation.OUT_IN, opposite, delta.right());
        float[] base = SmallModel.gaussian(48, random);
        // rank by rank the terms cancel exactly only when they are summed in the same order; one outer product does
        TensorDelta single = SmallModel.delta("w", 1, Columns.all(8), random);
        float[] negative = single.left();
        for (int i = 0; i < negative.length; i++) {
            negative[i] = -negative[i];
        }
        TensorDelta undoSingle =
                new TensorDelta("w", 6, Columns.all(8), 1, Orientation.OUT_IN, negative, single.right());
        assertThat(TensorDelta.apply(base, List.of(single, undoSingle))).containsExactly(base);
        assertThat(TensorDelta.apply(base, List.of(delta, undo)))
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(base);
    }

    @Test
    void sizesRanksAndNumbersAreChecked() {
        float[] two = {1, 2};
        assertThatThrownBy(() -> new TensorDelta("w", 3, Columns.all(2), 1, Orientation.OUT_IN, two, two))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("[3, 1]");
        assertThatThrownBy(() -> new TensorDelta("w", 2, Columns.of(2, 0), 2, Orientation.OUT_IN, new float[4], two))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("larger than what it changes");
        assertThatThrownBy(() ->
                        new TensorDelta("w", 2, Columns.all(2), 1, Orientation.OUT_IN, new float[] {1, Float.NaN}, two))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("not finite");
    }

    @Test
    void aResultThatOverflowsIsRefused() {
        float[] large = {Float.MAX_VALUE};
        TensorDelta delta = new TensorDelta("w", 1, Columns.all(1), 1, Orientation.OUT_IN, large, large);
        assertThatThrownBy(() -> TensorDelta.apply(new float[1], List.of(delta)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("w[0, 0]");
    }

    @Test
    void aBaseOfAnotherShapeIsRefused() {
        TensorDelta delta = SmallModel.delta("w", 1, Columns.all(8), random);
        assertThatThrownBy(() -> TensorDelta.apply(new float[47], List.of(delta)))
                .isInstanceOf(BadInput.class);
    }

    @Test
    void columnSelectionsAreOrderedAndInside() {
        assertThat(Columns.ofHeads(8, 2, List.of(3, 0, 3)).indices()).containsExactly(0, 1, 6, 7);
        for (int[] wrong : new int[][] {{1, 1}, {2, 1}, {-1}, {8}}) {
            assertThatThrownBy(() -> Columns.of(8, wrong)).isInstanceOf(BadInput.class);
        }
    }
}
