package modelpatch.repair;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import modelpatch.Versions;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Sha256;
import modelpatch.document.ReportJson;
import modelpatch.edit.EditPlan;
import modelpatch.locate.Findings;

/** Searches kept in a directory: what has the same key is the same search and is not made twice. */
final class KeptSearches {
    private final Path directory;

    /** Changes whenever plans are scored in another way. */
    private static final String SCORED = "by the chance of half the harm, facts too";

    KeptSearches(Path directory) {
        this.directory = directory;
    }

    /** The ranking of that key; made and kept where there is none, or none that can be read. */
    List<RankedPlan> of(String key, Supplier<List<RankedPlan>> search) {
        Path file = directory.resolve(key + ".json");
        List<RankedPlan> kept = read(file);
        if (!kept.isEmpty()) {
            return kept;
        }
        List<RankedPlan> ranked = search.get();
        AtomicFile.write(file, out -> ReportJson.mapper().writeValue(out, ranked));
        return ranked;
    }

    /** What an interrupted search of that key has seen. */
    SearchNotes notes(String key) {
        return SearchNotes.in(directory.resolve(key + ".notes.json"));
    }

    private static List<RankedPlan> read(Path file) {
        try {
            return Files.exists(file)
                    ? ReportJson.mapper().readValue(Files.readString(file), new TypeReference<List<RankedPlan>>() {})
                    : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * Names a search by all that it depends on.
     *
     * @param together how many cases would be edited by one patch; 0 where each has its own
     */
    static String key(Setup setup, RepairOptions options, Surroundings around, List<EditPlan> plans, int together) {
        String rest = String.join(
                "\n",
                Versions.computing(),
                SCORED,
                setup.modelDigest(),
                plans.toString(),
                options.gates().toString(),
                options.perSet() + " " + options.searchCases() + " " + options.finalists() + " " + together);
        return new Sha256().add(bytes(setup.findings())).add(rest).hex().substring(0, 32);
    }

    private static byte[] bytes(Findings findings) {
        try {
            return ReportJson.mapper().writeValueAsBytes(findings);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("findings that are no JSON", e);
        }
    }
}
