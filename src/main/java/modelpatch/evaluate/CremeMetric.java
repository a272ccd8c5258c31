package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import modelpatch.model.AnswerModel;
import modelpatch.model.NextToken;

/**
 * The metric of the CREME paper (arXiv 2402.14328, its evaluation code), for comparison with its tables only. The probability of an answer is
 * taken to be the mean over its pieces of their probability at the one position after the prompt: no sequence probability, and at most 1/n
 * for n pieces if one of them is certain. The change of a probe is (after - before) / before; a mean of such ratios is carried by a few
 * cases, so the median and the share of wins stand beside it.
 */
public final class CremeMetric {
    private CremeMetric() {}

    /**
     * One probe.
     *
     * @param caseId the probes of a case are averaged first
     * @param prompt what the model reads after the few-shot prefix
     * @param answer the right answer
     * @param wrong the model's own wrong answer before the edit, where there is one
     */
    public record Probe(String caseId, String prompt, String answer, Optional<String> wrong) {}

    /**
     * Probabilities of a probe's answers.
     *
     * @param answer of the right one
     * @param wrong of the wrong one, where there is one
     */
    public record Reading(double answer, OptionalDouble wrong) {
        Optional<Boolean> wins() {
            return wrong.isPresent() ? Optional.of(answer > wrong.getAsDouble()) : Optional.empty();
        }
    }

    /**
     * All probes before and after.
     *
     * @param meanChange mean over cases of the mean change of the right answer over a case's probes, the paper's number
     * @param medianChange the median over cases instead
     * @param meanWrongChange as {@code meanChange}, of the wrong answer, over the probes that have one
     * @param raised probes whose right answer became likelier
     * @param winsBefore probes whose right answer was likelier than the wrong one
     * @param winsAfter the same after the edit
     */
    public record Summary(
            Estimate meanChange,
            Estimate medianChange,
            Estimate meanWrongChange,
            Tally raised,
            Tally winsBefore,
            Tally winsAfter) {}

    /**
     * Mean probability of an answer's pieces at one position.
     *
     * @param logits [dVocab]; not modified
     * @param pieces token ids, at least one; a piece that occurs twice counts twice
     */
    static double probability(float[] logits, int[] pieces) {
        double logSum = NextToken.logSumExp(logits);
        return Arrays.stream(pieces)
                .mapToDouble(piece -> Math.exp(logits[piece] - logSum))
                .average()
                .orElseThrow(() -> new IllegalArgumentException("an answer without pieces"));
    }

    /**
     * Mean rank of an answer's pieces at one position, from 1; of equal logits the lower id ranks first. As in the paper's code a piece that
     * occurs twice is summed once but counted twice in the divisor.
     *
     * @param logits [dVocab]; not modified
     */
    static double meanRank(float[] logits, int[] pieces) {
        long sum = Arrays.stream(pieces)
                .distinct()
                .mapToLong(piece -> rankById(logits, piece))
                .sum();
        return (double) sum / pieces.length;
    }

    private static long rankById(float[] logits, int piece) {
        long rank = 1;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] > logits[piece] || (logits[id] == logits[piece] && id < piece)) {
                rank++;
            }
        }
        return rank;
    }

    /** (after - before) / before, and 0 where before is 0, as the paper's code has it. */
    static double change(double before, double after) {
        return before == 0 ? 0 : (after - before) / before;
    }

    /** Reads all probes from a model. */
    public static List<Reading> read(AnswerModel model, Protocol protocol, List<Probe> probes) {
        PromptEncoder encoder = new PromptEncoder(model, protocol.frame());
        List<PromptEncoder.Continued> encoded = probes.stream()
                .map(probe -> encoder.encode(
                        probe.prompt(),
                        probe.wrong()
                                .map(wrong -> List.of(probe.answer(), wrong))
                                .orElse(List.of(probe.answer()))))
                .toList();
        List<int[]> prompts =
                encoded.stream().map(PromptEncoder.Continued::prompt).toList();
        List<Reading> readings = new ArrayList<>();
        for (int from = 0; from < probes.size(); from += Examiner.DEFAULT_BATCH) {
            List<int[]> batch = prompts.subList(from, Math.min(probes.size(), from + Examiner.DEFAULT_BATCH));
            int[] prefix = encoder.shared(batch);
            List<float[]> logits = model.nextLogits(prefix, PromptEncoder.without(prefix, batch));
            for (int i = 0; i < batch.size(); i++) {
                float[] row = logits.get(i);
                List<int[]> pieces = encoded.get(from + i).answers();
                readings.add(new Reading(
                        probability(row, pieces.get(0)),
                        pieces.size() == 1
                                ? OptionalDouble.empty()
                                : OptionalDouble.of(probability(row, pieces.get(1)))));
            }
        }
        return readings;
    }

    /**
     * Sums two readings of the same probes up.
     *
     * @param before by probe
     * @param after by probe
     */
    public static Summary summary(
            List<Probe> probes, List<Reading> before, List<Reading> after, ClusterBootstrap bootstrap) {
        Map<String, List<Double>> changes = new LinkedHashMap<>();
        Map<String, List<Double>> wrongChanges = new LinkedHashMap<>();
        Tally raised = Tally.NONE;
        Tally winsBefore = Tally.NONE;
        Tally winsAfter = Tally.NONE;
        for (int i = 0; i < probes.size(); i++) {
            Reading first = before.get(i);
            Reading second = after.get(i);
            String id = probes.get(i).caseId();
            changes.computeIfAbsent(id, key -> new ArrayList<>()).add(change(first.answer(), second.answer()));
            if (first.wrong().isPresent()) {
                wrongChanges
                        .computeIfAbsent(id, key -> new ArrayList<>())
                        .add(change(first.wrong().getAsDouble(), second.wrong().orElseThrow()));
            }
            raised = raised.plus(Tally.of(second.answer() > first.answer()));
            winsBefore = winsBefore.plus(first.wins().map(Tally::of).orElse(Tally.NONE));
            winsAfter = winsAfter.plus(second.wins().map(Tally::of).orElse(Tally.NONE));
        }
        ToDoubleFunction<Map.Entry<String, Double>> value = Map.Entry::getValue;
        Collection<Map.Entry<String, Double>> means = means(changes);
        return new Summary(
                Estimate.mean(means, Map.Entry::getKey, value, bootstrap),
                Estimate.median(means, Map.Entry::getKey, value, bootstrap),
                Estimate.mean(means(wrongChanges), Map.Entry::getKey, value, bootstrap),
                raised,
                winsBefore,
                winsAfter);
    }

    private static Collection<Map.Entry<String, Double>> means(Map<String, List<Double>> byCase) {
        Map<String, Double> means = new LinkedHashMap<>();
        byCase.forEach((id, values) -> means.put(
                id, values.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
        return means.entrySet();
    }
}
