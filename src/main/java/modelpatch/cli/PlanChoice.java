package modelpatch.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.ReportJson;
import modelpatch.edit.DrawnCases;
import modelpatch.edit.EditPlan;
import modelpatch.repair.Candidates;
import modelpatch.repair.Search;

/**
 * The plans that an edit goes by, best first: what was typed, or what a search on choose cases found; a search is kept beside other things
 * that can be computed again and is not made twice for the same findings and options.
 *
 * @param candidates all that the search looked at; empty where nothing was searched
 */
record PlanChoice(List<EditPlan> plans, List<Search.Candidate> candidates) {
    /** Plans that a single case may choose among. */
    private static final int SHORTLIST = 3;

    static PlanChoice of(
            Subcommand command, ApplySetup setup, ApplyOptions options, Path findings, int eligible, boolean jointly) {
        List<EditPlan> plans = Candidates.of(
                        setup.findings(),
                        options.addresses(),
                        options.layers,
                        options.matrix(),
                        options.methods(jointly),
                        jointly ? eligible : 1)
                .stream()
                .map(options::with)
                .distinct()
                .filter(plan -> options.matrix().isPresent()
                        || plan.isPossible(setup.patcher().base()))
                .toList();
        if (plans.isEmpty()) {
            throw new BadInput(
                    "nowhere to edit",
                    findings.toString(),
                    "a located window or head",
                    "none",
                    "give --layers or --heads, or find on more cases");
        }
        List<CompositionalCase> choose = DrawnCases.of(
                setup.findings().split().choose().failures().stream()
                        .map(setup::find)
                        .toList(),
                setup.findings().seed(),
                jointly ? eligible : options.searchCases);
        if (plans.size() == 1 || choose.isEmpty()) {
            return new PlanChoice(List.of(plans.get(0)), List.of());
        }
        Path kept = Installation.cache()
                .resolve("searches")
                .resolve(SearchKey.of(setup, options, findings, plans, jointly ? eligible : 0) + ".json");
        List<Search.Candidate> ranked = read(kept);
        if (ranked.isEmpty()) {
            try (ProgressLine progress = command.begin("search")) {
                ranked = new Search(setup.patcher(), setup.forecast(), options.finalists)
                        .rank(plans, choose, jointly, progress);
            }
            write(kept, ranked);
        }
        List<EditPlan> best = ranked.stream()
                .filter(candidate -> candidate.score().isPresent())
                .map(Search.Candidate::plan)
                .limit(SHORTLIST)
                .toList();
        return new PlanChoice(best, ranked);
    }

    String method() {
        return plans.get(0).method().key();
    }

    /** What was kept; nothing where it is not there or cannot be read. */
    private static List<Search.Candidate> read(Path file) {
        try {
            return Files.exists(file)
                    ? ReportJson.mapper()
                            .readValue(Files.readString(file), new TypeReference<List<Search.Candidate>>() {})
                    : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void write(Path file, List<Search.Candidate> ranked) {
        AtomicFile.write(file, out -> ReportJson.mapper().writeValue(out, ranked));
    }
}
