package modelpatch.locate;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Random choices that depend on the seed, a purpose and one case alone, never on what was drawn before. */
final class Draws {
    private Draws() {}

    static SplittableRandom of(long seed, String purpose, String id) {
        return new SplittableRandom(seed ^ ((purpose + '\0' + id).hashCode() * 0x9e3779b97f4a7c15L));
    }

    /** Some items in an order that the seed decides, at most {@code most} of them; 0 for all. */
    static <T> List<T> some(List<T> items, int most, long seed, String purpose, Function<T, String> id) {
        return items.stream()
                .sorted(Comparator.comparingLong(
                                (T item) -> of(seed, purpose, id.apply(item)).nextLong())
                        .thenComparing(id))
                .limit(most == 0 ? Long.MAX_VALUE : most)
                .toList();
    }
}
