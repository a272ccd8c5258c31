package modelpatch.cases;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Choices that a seed decides, the same on every machine: sides and orders that depend on a name alone, so that adding a fact moves no other
 * case; generators that are unrelated from purpose to purpose; and shuffles.
 */
public final class SeededOrder {
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

    /**
     * A generator for one purpose: a matter of the seed and the words alone, never of what was drawn before. Its first state hangs on 32 bits
     * of the words, by the hash that Java specifies for strings; the published findings and repairs rest on these draws.
     *
     * @param purpose what is drawn, and for whom
     */
    public static SplittableRandom draws(long seed, String... purpose) {
        return new SplittableRandom(seed ^ (String.join("\0", purpose).hashCode() * 0x9e3779b97f4a7c15L));
    }

    /** All items in an order that the generator draws (Fisher and Yates). */
    public static <T> List<T> shuffled(Collection<T> items, RandomGenerator random) {
        List<T> order = new ArrayList<>(items);
        for (int i = order.size(); i > 1; i--) {
            Collections.swap(order, i - 1, random.nextInt(i));
        }
        return order;
    }

    /** The first items of such an order, all where there are no more. */
    public static <T> List<T> shuffled(Collection<T> items, int most, RandomGenerator random) {
        return shuffled(items, random).subList(0, Math.min(most, items.size()));
    }

    /**
     * Some items, each placed by a draw of its own.
     *
     * @param most how many at most; 0 for all
     * @param key the item's name
     */
    public static <T> List<T> some(Collection<T> items, int most, long seed, String purpose, Function<T, String> key) {
        return items.stream()
                .sorted(Comparator.comparingLong((T item) ->
                                draws(seed, purpose, key.apply(item)).nextLong())
                        .thenComparing(key))
                .limit(most == 0 ? Long.MAX_VALUE : most)
                .toList();
    }

    private static long mixed(long z) {
        long x = z + 0x9e3779b97f4a7c15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
