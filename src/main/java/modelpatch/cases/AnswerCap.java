package modelpatch.cases;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Keeps any one answer from filling a suite. */
final class AnswerCap {
    private AnswerCap() {}

    /**
     * The ids of the largest part of the cases in which no answer has more than the share: every answer keeps at most k cases, where k is the
     * largest number with k &lt;= share * (cases kept). Below 1 / share different answers there is no such part but the empty one.
     */
    static Set<String> kept(Collection<CompositionalCase> cases, double share, long seed) {
        Map<String, List<CompositionalCase>> byAnswer =
                cases.stream().collect(Collectors.groupingBy(CompositionalCase::answer));
        int most = mostOfOneAnswer(byAnswer.values().stream().map(List::size).toList(), share);
        Set<String> kept = new HashSet<>();
        byAnswer.values()
                .forEach(same -> same.stream()
                        .sorted(SeededOrder.by(seed, "cap", CompositionalCase::id))
                        .limit(most)
                        .forEach(one -> kept.add(one.id())));
        return kept;
    }

    /** The largest k with k &lt;= share * sum of min(size, k), found by lowering k until it holds. */
    static int mostOfOneAnswer(List<Integer> sizes, double share) {
        int most = sizes.stream().mapToInt(Integer::intValue).max().orElse(0);
        while (true) {
            int limit = most;
            int total = sizes.stream().mapToInt(size -> Math.min(size, limit)).sum();
            int allowed = (int) Math.floor(share * total + 1e-9);
            if (most <= allowed) {
                return most;
            }
            most = allowed;
        }
    }

    /** How many cases have each answer. */
    static Map<String, Integer> sizes(Collection<CompositionalCase> cases) {
        Map<String, Integer> sizes = new HashMap<>();
        cases.forEach(one -> sizes.merge(one.answer(), 1, Integer::sum));
        return sizes;
    }
}
