package modelpatch.repair;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.guard.ChangeSize;
import modelpatch.guard.Drift;

/** The tables of several edits, each judged alone, as one. */
final class Pooling {
    private Pooling() {}

    static Judge.Judgement of(Judge judge, List<Repaired> repairs) {
        PairedEvaluation all = PairedEvaluation.pool(
                repairs.stream().map(repair -> repair.judgement().evaluation()).toList());
        List<Drift> drifts = repairs.stream()
                .flatMap(repair -> repair.judgement().drift().stream())
                .toList();
        return judge.judgement(
                all,
                Optional.empty(),
                drifts.isEmpty() ? Optional.empty() : Optional.of(mean(drifts)),
                largest(repairs.stream()
                        .flatMap(repair -> repair.judgement().change().stream())
                        .toList()));
    }

    /** The largest change of any of them, and what eight bits leave of all. */
    private static Optional<ChangeSize> largest(List<ChangeSize> sizes) {
        return sizes.stream()
                .reduce((one, other) -> new ChangeSize(
                        Math.max(one.relativeNorm(), other.relativeNorm()),
                        Math.max(one.rankShare(), other.rankShare()),
                        one.quantised().flatMap(kept -> other.quantised().map(kept::plus))));
    }

    private static Drift mean(List<Drift> drifts) {
        return new Drift(
                drifts.get(0).text(),
                drifts.get(0).tokens(),
                mean(drifts, Drift::klMean),
                mean(drifts, Drift::topFlips),
                drifts.get(0).perplexityBefore(),
                mean(drifts, Drift::perplexityAfter));
    }

    private static double mean(List<Drift> drifts, ToDoubleFunction<Drift> number) {
        return drifts.stream().mapToDouble(number).average().orElseThrow();
    }
}
