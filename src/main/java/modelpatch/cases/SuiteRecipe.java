package modelpatch.cases;

/**
 * What a suite is composed by, beside its facts and sentences.
 *
 * @param fewestHops the shortest chains taken, at least 1
 * @param mostHops the longest chains taken
 * @param seed decides which bridge is on which side and what a cap keeps
 */
public record SuiteRecipe(int fewestHops, int mostHops, long seed) {
    /** @throws IllegalArgumentException when the lengths make no chain */
    public SuiteRecipe {
        if (fewestHops < 1 || mostHops < fewestHops) {
            throw new IllegalArgumentException("no chain has " + fewestHops + " to " + mostHops + " hops");
        }
    }

    /** Chains of two facts. */
    public static SuiteRecipe twoHops(long seed) {
        return new SuiteRecipe(2, 2, seed);
    }
}
