package modelpatch.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Invents names that can be told apart: no two share their first four letters, none begins like a word that already means something. */
final class Names {
    private static final int LETTERS_APART = 4;
    private static final int TRIES = 10_000;
    private static final List<String> ONSETS = List.of(
            "b", "br", "d", "dr", "f", "fl", "g", "gr", "h", "k", "kl", "l", "m", "n", "p", "pr", "r", "s", "sk", "st",
            "t", "th", "tr", "v", "w", "z");
    private static final List<String> VOWELS = List.of("a", "e", "i", "o", "u");
    private static final List<String> CODAS =
            List.of("l", "ld", "lm", "m", "n", "nd", "r", "rk", "rn", "rv", "s", "st", "v");

    private final RandomGenerator random;
    private final Set<String> openings = new HashSet<>();

    /** @param taken words in use, which no name may begin like */
    Names(RandomGenerator random, Iterable<String> taken) {
        this.random = random;
        taken.forEach(this::opens);
    }

    /** Names of a kind, in the order of invention. */
    List<String> invent(WorldPlan.Invented plan) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < plan.count(); i++) {
            String word = word(plan.endings());
            names.add(
                    plan.given().isEmpty()
                            ? word
                            : plan.given().get(i % plan.given().size()) + " " + word);
        }
        return names;
    }

    private String word(List<String> endings) {
        for (int i = 0; i < TRIES; i++) {
            String word = Draw.one(ONSETS, random)
                    + Draw.one(VOWELS, random)
                    + Draw.one(CODAS, random)
                    + Draw.one(endings, random);
            if (opens(word)) {
                return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
            }
        }
        throw new IllegalArgumentException(
                "no further name can be invented with the endings " + endings + ": ask for fewer names");
    }

    /** Whether the word is the first to begin as it does. */
    private boolean opens(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return openings.add(lower.substring(0, Math.min(LETTERS_APART, lower.length())));
    }
}
