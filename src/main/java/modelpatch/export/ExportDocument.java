package modelpatch.export;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Optional;
import modelpatch.guard.Drift;

/**
 * What was exported.
 *
 * @param rank of low-rank factors; empty where there are none
 * @param patches ids, lowest first
 * @param losses what storing did to each edited tensor
 * @param behaviour the written model against the patched one in float32; empty where it does not run here or has no tokenizer
 * @param verdict passed, or failed where the format does not hold the model
 * @param written what the format says of it
 */
public record ExportDocument(
        String out,
        String format,
        Optional<Integer> rank,
        List<String> patches,
        List<CastLoss> losses,
        Optional<Drift> behaviour,
        String verdict,
        @JsonIgnore ExportFormat.Written written) {
    /** Whether the format holds the model. */
    public boolean passed() {
        return behaviour.isEmpty() || behaviour.get().klMean() <= written.largestKl();
    }
}
