package modelpatch.thinking;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.ReportJson;

/**
 * What fast and slow thinking, or hints, made of the same cases.
 *
 * @param configuration the resolved options, defaults included
 * @param seed of options, hints and bootstraps
 * @param decoupled by model, smallest first, then by slow mode; empty where that was not asked
 * @param anchored by kind of hint and mode, before and after the patches; empty where that was not asked
 */
public record ThinkingReport(
        Map<String, Object> configuration, long seed, List<Decoupling> decoupled, List<Anchoring> anchored) {
    public ThinkingReport {
        decoupled = List.copyOf(decoupled);
        anchored = List.copyOf(anchored);
    }

    /** Writes the report in one step. */
    public void write(Path file) {
        AtomicFile.write(file, out -> ReportJson.mapper().writeValue(out, this));
    }
}
