package modelpatch.solve;

import static modelpatch.solve.Matrices.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a second moment leaves free. */
class NullSpaceTest {
    private static final int SIZE = 12;
    private static final int USED = 5;

    /** A moment of keys that lie in a space of five directions, but for a little of everything. */
    private static SecondMoment moment() {
        SplittableRandom random = new SplittableRandom(3);
        Matrix basis = Matrices.random(SIZE, USED, random);
        Matrix keys = basis.times(Matrices.random(USED, 200, random))
                .plus(Matrices.random(SIZE, 200, random).scaled(1e-3));
        return new SecondMoment(keys.times(keys.transposed()).scaled(1.0 / 200), 200);
    }

    @Test
    void theProjectionIsSymmetricAndTwiceIsOnce() {
        Matrix p = NullSpace.of(moment(), 0.02).project(Matrix.identity(SIZE));
        assertClose(p, p.transposed(), 1e-10);
        assertClose(p.times(p), p, 1e-10);
    }

    @Test
    void itsRankIsTheNumberOfDirectionsThatKeysHardlyUse() {
        NullSpace space = NullSpace.of(moment(), 0.02);
        assertThat(space.rank()).isEqualTo(SIZE - USED);
        assertThat(space.size()).isEqualTo(SIZE);
        Matrix p = space.project(Matrix.identity(SIZE));
        double trace = 0;
        for (int i = 0; i < SIZE; i++) {
            trace += p.get(i, i);
        }
        assertThat(trace).isCloseTo(SIZE - USED, within(1e-10));
        Matrix c = moment().matrix();
        assertThat(p.times(c).norm()).isLessThan(1e-4 * c.norm());
    }

    @Test
    void belowNothingNoDirectionIsFreeAndAboveEverythingAllAre() {
        assertThat(NullSpace.of(moment(), 0).rank()).isZero();
        assertThat(NullSpace.of(moment(), 1e9).rank()).isEqualTo(SIZE);
    }

    @Test
    void aChangeLeaksAsFarAsItReadsUsedDirections() {
        NullSpace space = NullSpace.of(moment(), 0.02);
        SplittableRandom random = new SplittableRandom(4);
        Matrix movement = Matrices.random(3, 1, random);
        Matrix any = Matrices.random(SIZE, 1, random);
        Matrix free = space.project(any);
        Matrix used = any.minus(free);
        assertThat(space.leak(LowRank.product(movement, free.transposed(), Columns.all(SIZE))))
                .isLessThan(1e-12);
        assertThat(space.leak(LowRank.product(movement, used.transposed(), Columns.all(SIZE))))
                .isCloseTo(1, within(1e-12));
        assertThat(space.leak(LowRank.product(movement, any.transposed(), Columns.all(SIZE))))
                .isCloseTo(used.norm() / any.norm(), within(1e-12));
    }
}
