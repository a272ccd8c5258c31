package modelpatch.export.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import modelpatch.checkpoint.TensorKind;
import modelpatch.export.foreign.Grid.Range;
import modelpatch.export.foreign.Grid.Span;
import org.junit.jupiter.api.Test;

class GridTest {
    private static final FloatFormat FLOAT = new FloatFormat(TensorKind.F32);
    private static final Range NIBBLE = new Range(0, 15);

    private final Random random = new Random(11);

    private Grid any() {
        float scale = (random.nextBoolean() ? 1 : -1) * (0.01f + random.nextFloat());
        return new Grid(scale, random.nextInt(1, 15), NIBBLE);
    }

    private static boolean cutsNothingOff(Grid grid, Span span) {
        return grid.fits(span, new Span(0, 0));
    }

    @Test
    void aCodeIsTheNearestOfAll() {
        for (int i = 0; i < 1000; i++) {
            Grid grid = any();
            float value = (float) random.nextGaussian() * 8;
            double error = Math.abs(value - grid.value(grid.code(value)));
            for (int code = 0; code <= 15; code++) {
                assertThat(error).isLessThanOrEqualTo(Math.abs(value - grid.value(code)) + 1e-5);
            }
            assertThat(grid.holds(grid.code(value), value))
                    .isEqualTo(error <= limit(grid, value) + Math.abs(value) / 1024);
            assertThat(grid.code(grid.value(i % 16))).isEqualTo(i % 16);
        }
    }

    private static double limit(Grid grid, float value) {
        double code = value / grid.scale() + grid.zero();
        return Math.abs(grid.scale()) * (code < 0 || code > 15 ? 1 : 0.5);
    }

    @Test
    void ofTwoCodesThatAreAsNearItIsTheEvenOne() {
        Grid grid = new Grid(0.5f, 0, new Range(-8, 7));
        float[] halves = {-1.25f, -0.75f, -0.25f, 0.25f, 0.75f, 1.25f, 1.75f};
        int[] codes = new int[halves.length];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = grid.code(halves[i]);
        }
        assertThat(codes).containsExactly(-2, -2, 0, 0, 2, 2, 4);
        assertThat(new Grid(0.5f, 1, NIBBLE).code(1.25f))
                .as("before the zero point is added")
                .isEqualTo(3);
    }

    @Test
    void aCodeBesideTheNearestDoesNotHoldANumber() {
        Grid grid = new Grid(0.5f, 8, NIBBLE);
        assertThat(grid.holds(10, 1.2f)).isTrue();
        assertThat(grid.holds(11, 1.2f)).isFalse();
        assertThat(grid.holds(9, 1.2f)).isFalse();
        assertThat(grid.holds(15, 4)).as("a whole step beyond the last code").isTrue();
        assertThat(grid.holds(15, 4.1f)).isFalse();
        assertThat(grid.holds(15, 3)).as("a whole step within").isFalse();
    }

    @Test
    void aWidenedGridIsTheFinestOfItsSignThatCutsNothingOff() {
        for (int i = 0; i < 1000; i++) {
            Grid grid = any();
            Span span = new Span(-random.nextFloat() * 20, random.nextFloat() * 20);
            Grid wider = grid.widened(span, FLOAT, false);
            assertThat(wider.zero()).isEqualTo(grid.zero());
            assertThat(wider.scale() * grid.scale()).isPositive();
            assertThat(cutsNothingOff(wider, span)).isTrue();
            double ends = Math.min(
                    Math.min(Math.abs(wider.value(0) - span.lowest()), Math.abs(wider.value(0) - span.highest())),
                    Math.min(Math.abs(wider.value(15) - span.lowest()), Math.abs(wider.value(15) - span.highest())));
            assertThat(ends).as("an extreme lies on an end").isCloseTo(0, within(1e-4));
        }
    }

    @Test
    void whereTheSignIsFreeTheFinerOfTheTwoIsTaken() {
        Grid grid = new Grid(0.1f, 8, NIBBLE); // eight codes below 0, seven above
        assertThat(grid.widened(new Span(-3, 8), FLOAT, true)).isEqualTo(new Grid(-1, 8, NIBBLE));
        assertThat(grid.widened(new Span(-3, 8), FLOAT, false).scale()).isEqualTo(8f / 7);
        assertThat(grid.widened(new Span(-8, 3), FLOAT, true)).isEqualTo(new Grid(1, 8, NIBBLE));
        for (int i = 0; i < 1000; i++) {
            Span span = new Span(-random.nextFloat() * 20, random.nextFloat() * 20);
            Grid free = any().widened(span, FLOAT, true);
            Grid turned = new Grid(-free.scale(), free.zero(), NIBBLE);
            assertThat(cutsNothingOff(free, span)).isTrue();
            assertThat(Math.abs(turned.widened(span, FLOAT, false).scale()))
                    .isGreaterThanOrEqualTo(Math.abs(free.scale()));
        }
    }

    @Test
    void aSpanningGridUsesAllCodesAndHasOneForZero() {
        for (int i = 0; i < 1000; i++) {
            Span span = new Span((random.nextFloat() - 0.7f) * 20, random.nextFloat() * 20);
            Grid spanning = any().spanning(span, FLOAT);
            float rounding = spanning.scale() * 0.501f; // of the zero point, which shifts both ends
            assertThat(spanning.value(15)).isGreaterThan(span.highest() - rounding);
            assertThat(spanning.value(0)).isLessThan(span.lowest() + rounding);
            assertThat(spanning.value(spanning.zero())).isZero();
            assertThat(spanning.scale() * 15)
                    .isCloseTo(Math.max(0, span.highest()) - Math.min(0, span.lowest()), within(1e-4f));
        }
    }

    @Test
    void aTileOfZerosHoldsZerosAndIsWidenedByTheFirstNumber() {
        Grid empty = new Grid(0, 8, NIBBLE);
        Span nothing = new Span(0, 0);
        assertThat(empty.code(3)).isEqualTo(8);
        assertThat(empty.fits(nothing, nothing)).isTrue();
        assertThat(empty.fits(new Span(0, 1), nothing)).isFalse();
        assertThat(empty.widened(new Span(0, 7), FLOAT, false)).isEqualTo(new Grid(1, 8, NIBBLE));
        assertThat(empty.widened(nothing, FLOAT, true)).isEqualTo(empty);
    }

    @Test
    void whatTheMakerCutOffMayBeCutOffAgain() {
        Grid grid = new Grid(1, 8, NIBBLE); // -8 to 7
        Span before = new Span(-8, 8);
        assertThat(grid.fits(new Span(-8, 8), before)).isTrue();
        assertThat(grid.fits(new Span(-8, 8.1f), before)).isFalse();
        assertThat(grid.fits(new Span(-8, 7.5f), new Span(-1, 1))).isTrue();
    }
}
