package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** Log-probabilities of the last tokens of sequences, given what stands before each. */
final class ScoredContinuations {
    private ScoredContinuations() {}

    /**
     * Natural log-probabilities.
     *
     * @param whole by sequence, what stands before and the continuation
     * @param continuations with which they end
     * @return by sequence, [continuation length]
     */
    static List<double[]> of(LanguageModel model, int[] prefix, List<int[]> whole, List<int[]> continuations) {
        double[][] results = new double[whole.size()][];
        WholePass pass = new WholePass(model, prefix, whole);
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> chunk : Batches.of(whole, model.config())) {
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    Ragged batch = pass.batch(chunk);
                    Tensor x = pass.run(batch, chunk);
                    for (int i : chunk) {
                        int[] continuation = continuations.get(i);
                        int first = batch.firstRow(i) + whole.get(i).length - continuation.length - 1;
                        results[i] = logProbabilities(model, x.narrow(0, first, continuation.length), continuation);
                    }
                }
            });
        }
        Engine.sideBySide(pieces);
        return List.of(results);
    }

    private static double[] logProbabilities(LanguageModel model, Tensor rows, int[] continuation) {
        try (Engine.Scope scope = Engine.scope()) {
            Tensor logits = model.decoder().unembed(rows);
            double[] sums =
                    FiniteLogits.require(Engine.run("log_sum_exp", logits).toDoubles());
            float[] picked =
                    Engine.run("pick", logits, Engine.ids(continuation)).toFloats();
            double[] result = new double[continuation.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = picked[i] - sums[i];
            }
            return result;
        }
    }
}
