package modelpatch.guard;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Finds which patches of a stack break a case.
 *
 * <p>First by halves over the stack's lower parts: a boundary is found at which the case holds without a patch and fails with it, in about
 * log2 n runs. That patch is the answer where effects are monotone: where the whole stack without it holds. It is checked, not assumed. Where
 * it does not hold, effects are not monotone, and the question is answered exactly: the smallest sets of patches without which the rest of the
 * stack holds, by trying all sets of one, then of two, and so on. What was run once is not run again.
 */
final class Bisection {
    private final int patches;
    private final Predicate<BitSet> holds;
    private final Map<BitSet, Boolean> known = new HashMap<>();

    /**
     * A search that has run nothing yet.
     *
     * @param patches how many the stack has
     * @param holds whether the case holds on a stack of the patches with these indices, 0 the lowest
     */
    Bisection(int patches, Predicate<BitSet> holds) {
        this.patches = patches;
        this.holds = holds;
    }

    /**
     * What was found. Indices count from 0, the lowest patch.
     *
     * @param boundary the patch with which the case first fails going up by halves; empty where it never does
     * @param monotone whether the stack without that patch holds, so that it alone is to blame
     * @param culprits the smallest sets without which the rest holds; none where the base itself fails
     * @param runs how many stacks were run
     */
    public record Found(Optional<Integer> boundary, boolean monotone, List<List<Integer>> culprits, int runs) {
        public Found {
            culprits = List.copyOf(culprits);
        }
    }

    /**
     * Searches.
     *
     * @param most runs before the exact search gives up
     * @throws modelpatch.BadInput where the exact search would take more runs
     */
    Found search(int most) {
        if (holds(lowest(patches))) {
            return new Found(Optional.empty(), true, List.of(), known.size());
        }
        if (!holds(new BitSet())) {
            return new Found(Optional.empty(), true, List.of(), known.size());
        }
        int good = 0;
        int bad = patches;
        while (bad - good > 1) {
            int middle = (good + bad) >>> 1;
            if (holds(lowest(middle))) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        int boundary = bad - 1;
        BitSet without = lowest(patches);
        without.clear(boundary);
        if (holds(without)) {
            return new Found(Optional.of(boundary), true, List.of(List.of(boundary)), known.size());
        }
        return new Found(Optional.of(boundary), false, smallest(most), known.size());
    }

    /** Whether the base without patches holds; to tell apart the two cases in which there is no culprit. */
    boolean baseHolds() {
        return holds(new BitSet());
    }

    private List<List<Integer>> smallest(int most) {
        for (int size = 1; size <= patches; size++) {
            List<List<Integer>> found = new ArrayList<>();
            sets(size, 0, new ArrayList<>(), found, most);
            if (!found.isEmpty()) {
                return found;
            }
        }
        throw new IllegalStateException("the base holds, so the set of all patches is a culprit");
    }

    private void sets(int size, int from, List<Integer> taken, List<List<Integer>> found, int most) {
        if (taken.size() == size) {
            BitSet rest = lowest(patches);
            taken.forEach(rest::clear);
            if (known.size() >= most && !known.containsKey(rest)) {
                throw new modelpatch.BadInput(
                        "too many patches work together",
                        "bisect",
                        "an answer within " + most + " stacks",
                        "none among the sets of up to " + (size - 1) + " patches",
                        "allow more runs, or split the stack");
            }
            if (holds(rest)) {
                found.add(List.copyOf(taken));
            }
            return;
        }
        IntStream.range(from, patches).forEach(patch -> {
            taken.add(patch);
            sets(size, patch + 1, taken, found, most);
            taken.remove(taken.size() - 1);
        });
    }

    private BitSet lowest(int count) {
        BitSet set = new BitSet();
        set.set(0, count);
        return set;
    }

    private boolean holds(BitSet stack) {
        Boolean before = known.get(stack);
        if (before == null) {
            before = holds.test((BitSet) stack.clone());
            known.put((BitSet) stack.clone(), before);
        }
        return before;
    }
}
