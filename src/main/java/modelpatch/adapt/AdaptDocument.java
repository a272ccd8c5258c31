package modelpatch.adapt;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.Against;
import modelpatch.evaluate.JudgedPairs;
import modelpatch.repair.Promoted;

/**
 * What test-time adapters did; {@code patch adapt --json} prints it.
 *
 * @param supervision what the adapters were told, in words
 * @param leaks of demonstrations into the questions that they are for: counted, and 0
 * @param tasks one adapter each
 * @param leftOut questions without an adapter
 * @param remedies by name, against the model without any: {@code icl} has the demonstrations in the prompt, {@code adapt} the adapter,
 *     {@code adapt+icl} both, {@code placebo} an adapter of shuffled answers, and where asked for {@code direct} and {@code vote}
 * @param against pairs of remedies on the same questions
 * @param restored whether the model is as it was
 * @param saved where the adapter was written
 */
public record AdaptDocument(
        Level level,
        String supervision,
        Scope scope,
        AdaptRecipe recipe,
        String protocol,
        long seed,
        int failures,
        int controls,
        Leaks leaks,
        List<TaskReport> tasks,
        List<LeftOut> leftOut,
        Map<String, Row> remedies,
        List<Against> against,
        Restored restored,
        Map<String, Double> seconds,
        Optional<String> saved,
        Optional<Promoted> promoted) {

    /**
     * What was looked for in every pair of a demonstration and a question of its task.
     *
     * @param checked pairs
     * @param found pairs in which the demonstration is the question, or has its subject, bridge or answer
     */
    public record Leaks(long checked, long found) {}

    /**
     * One adapter.
     *
     * @param demonstrations ids of cases
     * @param lessons how many, those beside the demonstrations too
     * @param seconds of training
     */
    public record TaskReport(
            String name,
            int questions,
            List<String> demonstrations,
            int lessons,
            int steps,
            long tokens,
            double firstLoss,
            double lastLoss,
            double seconds) {}

    /** A question without an adapter, and why. */
    public record LeftOut(@JsonProperty("case") String caseId, String why) {}

    /**
     * One remedy against none.
     *
     * @param primary the questions as they are asked
     * @param paraphrase the same on test templates, which no adapter has seen
     * @param secondsPerQuestion setting up and answering
     */
    public record Row(JudgedPairs primary, JudgedPairs paraphrase, double secondsPerQuestion) {}

    /**
     * The model behind the adapters.
     *
     * @param weights SHA-256 over the values of all its tensors, before and after equal
     * @param logits whether the logits of a prompt are the same to the bit
     */
    public record Restored(String weights, boolean same, boolean logits) {}

    /** The same with what became of the adapter. */
    public AdaptDocument kept(Optional<String> folder, Optional<Promoted> patch) {
        return new AdaptDocument(
                level,
                supervision,
                scope,
                recipe,
                protocol,
                seed,
                failures,
                controls,
                leaks,
                tasks,
                leftOut,
                remedies,
                against,
                restored,
                seconds,
                folder,
                patch);
    }
}
