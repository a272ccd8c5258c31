package modelpatch.cases;

import java.util.Comparator;
import java.util.function.Function;

/**
 * Choices that depend on a seed and a name alone, never on the order or number of the others: adding a fact moves no other case.
 */
final class SeededOrder {
    private SeededOrder() {}

    /**
     * A well mixed number for a key. The purpose keeps choices under one seed apart from each other.
     *
     * <p>FNV-1a over the UTF-16 units, finished by the mixer of SplitMix64 (Steele, Lea and Flood 2014).
     */
    static long number(long seed, String purpose, String key) {
        long hash = 0xcbf29ce484222325L ^ mixed(seed);
        for (char c : (purpose + '\0' + key).toCharArray()) {
            hash = (hash ^ c) * 0x100000001b3L;
        }
        return mixed(hash);
    }

    /** Orders by {@link #number}; equal numbers, however unlikely, by the key itself. */
    static <T> Comparator<T> by(long seed, String purpose, Function<T, String> key) {
        return Comparator.comparingLong((T item) -> number(seed, purpose, key.apply(item)))
                .thenComparing(key);
    }

    private static long mixed(long z) {
        long x = z + 0x9e3779b97f4a7c15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
