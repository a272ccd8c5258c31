package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EightBitsTest {
    @Test
    void aBlockIsAMultipleOfItsLargestMagnitudeOver127AndNoNumberMovesByMoreThanHalfAStep() {
        int rows = 5;
        int columns = 70; // two whole blocks and a rest of six
        float[] w = random(rows * columns);
        float[] rounded = EightBits.rounded(w, rows, columns, true);
        for (int row = 0; row < rows; row++) {
            for (int block = 0; block < columns; block += EightBits.BLOCK) {
                float largest = 0;
                for (int i = block; i < Math.min(columns, block + EightBits.BLOCK); i++) {
                    largest = Math.max(largest, Math.abs(w[row * columns + i]));
                }
                float step = largest / 127;
                for (int i = block; i < Math.min(columns, block + EightBits.BLOCK); i++) {
                    float left = rounded[row * columns + i];
                    assertThat(Math.abs(left - w[row * columns + i])).isLessThanOrEqualTo(0.5f * step * 1.0001f);
                    assertThat(left / step)
                            .isCloseTo(Math.round(left / step), org.assertj.core.api.Assertions.within(1e-3f));
                }
            }
        }
    }

    @Test
    void inputsThatAreRowsAreRoundedAsTheTransposedMatrixIs() {
        int rows = 40;
        int columns = 7;
        float[] w = random(rows * columns);
        float[] turned = transposed(w, rows, columns);
        assertThat(EightBits.rounded(w, rows, columns, false))
                .containsExactly(transposed(EightBits.rounded(turned, columns, rows, true), columns, rows));
    }

    @Test
    void zerosStayZeros() {
        assertThat(EightBits.rounded(new float[64], 2, 32, true)).containsOnly(0f);
    }

    private static float[] random(int n) {
        Random random = new Random(3);
        float[] w = new float[n];
        for (int i = 0; i < n; i++) {
            w[i] = (float) random.nextGaussian();
        }
        return w;
    }

    private static float[] transposed(float[] w, int rows, int columns) {
        float[] turned = new float[w.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                turned[c * rows + r] = w[r * columns + c];
            }
        }
        return turned;
    }
}
