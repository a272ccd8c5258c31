package modelpatch.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.Json;
import modelpatch.document.ReportJson;
import modelpatch.document.TextFile;

/**
 * What an evaluation found and what is needed to find it again. Its JSON has the components as fields, in snake case; fields may be added
 * in later versions, none is renamed.
 *
 * @param format number of this form of report, {@link #FORMAT}
 * @param model what was asked
 * @param configuration the resolved options, defaults included
 * @param seed decided splits, caps and bootstraps
 * @param versions of modelpatch, Java, operating system and engine
 * @param created when, in UTC (ISO 8601)
 * @param deciding the protocol that decides what counts as right
 * @param beside other protocols on the same cases
 */
public record EvaluationReport(
        int format,
        Model model,
        Map<String, Object> configuration,
        long seed,
        Map<String, String> versions,
        String created,
        Evaluation deciding,
        List<Evaluation> beside) {
    /** The form of report that this version writes and reads. */
    public static final int FORMAT = 1;

    /**
     * What was asked.
     *
     * @param name file or directory of the checkpoint
     * @param digest SHA-256 of its tensors
     * @param patches ids of the patches on it, lowest first
     */
    public record Model(String name, String digest, List<String> patches) {
        public Model {
            patches = List.copyOf(patches);
        }
    }

    public EvaluationReport {
        configuration = Collections.unmodifiableMap(new TreeMap<>(configuration));
        versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
        beside = List.copyOf(beside);
    }

    /** The versions that a report names, of this Java and this system and of what the caller knows. */
    public static Map<String, String> versions(String modelpatch, String engine) {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("modelpatch", modelpatch);
        versions.put("engine", engine);
        versions.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        versions.put("arch", System.getProperty("os.arch"));
        return versions;
    }

    /** All evaluations, the deciding one first. */
    public List<Evaluation> evaluations() {
        List<Evaluation> all = new ArrayList<>(List.of(deciding));
        all.addAll(beside);
        return all;
    }

    /** Writes the report in one step: the file is the old one or whole. */
    public void write(Path file) {
        AtomicFile.write(file, out -> ReportJson.mapper().writeValue(out, this));
    }

    /**
     * Reads a report.
     *
     * @throws BadInput for a file that cannot be read, is no report, or is one of a newer format
     */
    public static EvaluationReport read(Path file) {
        JsonNode json = Json.parse(TextFile.read(file), file.toString());
        int format = json.path("format").asInt(0);
        if (format != FORMAT || !json.path("deciding").isObject()) {
            throw new BadInput(
                    "no evaluation report of a format that this version reads",
                    file.toString(),
                    "\"format\": " + FORMAT + " and an evaluation under \"deciding\"",
                    format == 0 ? "no format" : "format " + format,
                    format > FORMAT ? "use a newer modelpatch" : "write the report again with `patch eval`");
        }
        return ReportJson.read(
                json,
                EvaluationReport.class,
                "evaluation report",
                file.toString(),
                "write the report again with `patch eval`");
    }
}
