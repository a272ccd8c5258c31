package modelpatch.train;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random numbers by seed and purpose for worlds and training: what the digests of the embedded models rest on, so no formula here may change.
 * The algorithm is SplittableRandom's, which the JDK specifies to be the same everywhere.
 */
final class Draw {
    private Draw() {}

    /** A generator for one purpose, unrelated to those of other purposes or seeds. */
    static RandomGenerator of(long seed, Object... purpose) {
        long state = seed;
        for (Object part : purpose) {
            String text = part.toString();
            for (int i = 0; i < text.length(); i++) {
                state = mixed(state ^ text.charAt(i));
            }
            state = mixed(state ^ 0x9E3779B97F4A7C15L);
        }
        return new SplittableRandom(state);
    }

    /** One element, each as likely. */
    static <T> T one(List<T> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }

    /** The finaliser of MurmurHash3 (Appleby), variant 13 of Stafford: every bit of the result depends on every bit of the argument. */
    private static long mixed(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
