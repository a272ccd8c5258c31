package modelpatch.adapt;

import java.util.List;
import java.util.OptionalInt;
import modelpatch.BadInput;

/**
 * What is adapted, and what is compared.
 *
 * @param ids the questions, failures by their ids; empty for all failures of the report side
 * @param most how many failures at most, and as many right compositions beside them
 * @param demonstrations cases by their ids; empty for those that are drawn, of the choose side where it has enough
 * @param perPair how many demonstrations are drawn for a pair of relations
 * @param vote how the answers to several wordings become one
 * @param direct whether lessons one by one are tried beside lessons in sequence
 * @param single whether one adapter must come out, to be kept
 */
public record AdaptOptions(
        Level level,
        Scope scope,
        AdaptRecipe recipe,
        List<String> ids,
        OptionalInt most,
        List<String> demonstrations,
        int perPair,
        Voting vote,
        boolean direct,
        boolean single) {

    /** How the answers to several wordings become one. */
    public enum Voting {
        NONE,
        /** By counting, in two stages. */
        HARD,
        /** By the mean log-probability of each candidate. */
        SOFT
    }

    /** Adapters for whatever is asked, with demonstrations that are drawn. */
    public static AdaptOptions of(Level level, Scope scope, AdaptRecipe recipe, int perPair) {
        return new AdaptOptions(
                level, scope, recipe, List.of(), OptionalInt.empty(), List.of(), perPair, Voting.NONE, false, false);
    }

    public AdaptOptions {
        ids = List.copyOf(ids);
        demonstrations = List.copyOf(demonstrations);
        if (perPair < Scope.FEWEST_DEMONSTRATIONS) {
            throw new BadInput(
                    "too few demonstrations",
                    "--demonstrations",
                    Scope.FEWEST_DEMONSTRATIONS + " or more",
                    String.valueOf(perPair),
                    "one must be left out and one be left");
        }
        if (most.isPresent() && most.getAsInt() < 1) {
            throw new BadInput(
                    "no questions", "--most", "1 or more", String.valueOf(most.getAsInt()), "leave it out for all");
        }
        if (!demonstrations.isEmpty()) {
            level.require(Level.Source.DEMONSTRATION, "--demonstration " + demonstrations.get(0));
        }
    }
}
