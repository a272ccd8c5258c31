package modelpatch.adapt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One answer from those to several wordings of a question (arXiv 2411.07279, section 4.3): first within each wording, then over all of them; a
 * tie is decided by the wording that the question was asked in.
 */
final class Vote {
    /** Candidates that a wording sends into the second stage. */
    private static final int WITHIN = 3;

    private Vote() {}

    /**
     * The winner.
     *
     * @param answers by wording, that of the question itself first, the answers of its runs; an empty answer is no vote
     * @return empty where no wording gave an answer
     */
    static String of(List<List<String>> answers) {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (List<String> ofWording : answers) {
            Map<String, Integer> within = counted(ofWording);
            // a stable sort keeps the order of first mention among equals
            List<String> best = within.keySet().stream()
                    .sorted(Comparator.comparing(within::get).reversed())
                    .limit(WITHIN)
                    .toList();
            best.forEach(one -> votes.merge(one, within.get(one), Integer::sum));
        }
        if (votes.isEmpty()) {
            return "";
        }
        int most = votes.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        Set<String> tied = new LinkedHashSet<>(votes.keySet());
        tied.removeIf(one -> votes.get(one) < most);
        Map<String, Integer> identity = answers.isEmpty() ? Map.of() : counted(answers.get(0));
        return tied.stream()
                .max(Comparator.comparing((String one) -> identity.getOrDefault(one, 0))
                        .thenComparing(Comparator.comparing(new ArrayList<>(tied)::indexOf)
                                .reversed()))
                .orElseThrow();
    }

    private static Map<String, Integer> counted(List<String> answers) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (String answer : answers) {
            if (!answer.isBlank()) {
                counts.merge(answer, 1, Integer::sum);
            }
        }
        return counts;
    }

    /**
     * The soft vote: the candidate of the greatest mean log-probability; of equals the first.
     *
     * @param logProbabilities by candidate those under each wording, equally many for all
     */
    static String soft(Map<String, double[]> logProbabilities) {
        String best = "";
        double greatest = Double.NEGATIVE_INFINITY;
        for (Map.Entry<String, double[]> candidate : logProbabilities.entrySet()) {
            double sum = 0;
            for (double one : candidate.getValue()) {
                sum += one;
            }
            double mean = sum / candidate.getValue().length;
            if (mean > greatest) {
                greatest = mean;
                best = candidate.getKey();
            }
        }
        return best;
    }
}
