package modelpatch.repair;

import java.util.List;
import java.util.OptionalInt;
import modelpatch.BadInput;
import modelpatch.guard.Gates;

/**
 * What is repaired, and how it is judged.
 *
 * @param ids the failures to repair; empty for all of the report side that an edit can help
 * @param each whether every case gets its own patch, judged alone, the tables pooled, and nothing is written: a study
 * @param most how many cases at most, drawn by the seed
 * @param controls whether edits that should not work are made beside
 * @param wishes what the plans must be like
 * @param gates limits on harm and drift
 * @param perSet other cases that are asked for each edited case in each set
 * @param evidence questions of a set at most that are asked for a verdict beside those of the tables; 0 for none
 * @param searchCases failures of the choose side that a search tries its plans on; 0 for no search: a few plans are tried on the case itself
 * @param finalists plans that a search tries out
 * @param seed decides which cases are drawn, and their order
 */
public record RepairOptions(
        List<String> ids,
        boolean each,
        OptionalInt most,
        boolean controls,
        Wishes wishes,
        Gates gates,
        int perSet,
        int evidence,
        int searchCases,
        int finalists,
        long seed) {
    /** Questions of a set at most for a verdict, unless somebody says otherwise. */
    public static final int EVIDENCE = 1000;

    /** @throws BadInput where two of them exclude each other, or a number is too small */
    public RepairOptions {
        ids = List.copyOf(ids);
        requirePositive("--per-set", perSet);
        if (evidence < 0) {
            throw new BadInput("too few", "--evidence", "0 or more", String.valueOf(evidence), "leave it out");
        }
        if (searchCases < 0) {
            throw new BadInput(
                    "too few",
                    "--search-cases",
                    "0 or more",
                    String.valueOf(searchCases),
                    "leave it out for the default");
        }
        requirePositive("--finalists", finalists);
        if (each && !ids.isEmpty()) {
            throw new BadInput("which cases", "--each, --case", "one of them", "both", "leave one out");
        }
    }

    /** One patch for all that it can help, searched for. */
    public static RepairOptions defaults(Gates gates, long seed) {
        return new RepairOptions(
                List.of(), false, OptionalInt.empty(), false, Wishes.NONE, gates, 8, EVIDENCE, 10, 10, seed);
    }

    /** The same for certain failures. */
    public RepairOptions only(List<String> some) {
        return new RepairOptions(
                some, each, most, controls, wishes, gates, perSet, evidence, searchCases, finalists, seed);
    }

    /** The same with other wishes. */
    public RepairOptions with(Wishes other) {
        return new RepairOptions(
                ids, each, most, controls, other, gates, perSet, evidence, searchCases, finalists, seed);
    }

    static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new BadInput("too few", option, "1 or more", String.valueOf(value), "leave it out for the default");
        }
    }
}
