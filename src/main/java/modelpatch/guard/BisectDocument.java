package modelpatch.guard;

import java.util.List;

/**
 * Which patches of a stack break which cases.
 *
 * @param patches the stack, ids, lowest first
 */
public record BisectDocument(List<String> patches, List<Bisected> cases) {
    static final String HOLDS = "holds";

    /**
     * One case.
     *
     * @param culprits the smallest sets of patches, ids, without which the rest of the stack holds
     * @param monotone whether halves were enough
     * @param verdict broken, fails on the base, or holds
     */
    public record Bisected(
            String set, String id, String verdict, boolean monotone, List<List<String>> culprits, int runs) {}

    /** Whether no case fails. */
    public boolean passed() {
        return cases.stream().allMatch(one -> one.verdict().equals(HOLDS));
    }
}
