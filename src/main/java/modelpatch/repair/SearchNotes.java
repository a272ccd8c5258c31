package modelpatch.repair;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.ReportJson;
import modelpatch.edit.EditPlan;

/** What a search has seen so far, in a file: one that was interrupted goes on there. A file that cannot be read counts as empty. */
final class SearchNotes {
    private final Optional<Path> file;
    private final Map<EditPlan, RankedPlan> forecasts = new LinkedHashMap<>();
    private final Map<Trial, RankedPlan> trials = new LinkedHashMap<>();

    private record Trial(EditPlan plan, int cases) {}

    /**
     * As written.
     *
     * @param cases how many the plan was tried on
     */
    record Line(int cases, RankedPlan plan) {}

    /** @param lines forecasts have no cases */
    record Content(List<Line> lines) {}

    private SearchNotes(Optional<Path> file) {
        this.file = file;
    }

    /** Notes that are nowhere written. */
    static SearchNotes unwritten() {
        return new SearchNotes(Optional.empty());
    }

    static SearchNotes in(Path file) {
        SearchNotes notes = new SearchNotes(Optional.of(file));
        try {
            if (Files.exists(file)) {
                for (Line line : ReportJson.mapper()
                        .readValue(Files.readString(file), Content.class)
                        .lines()) {
                    notes.take(line.plan(), line.cases());
                }
            }
        } catch (IOException e) {
            notes.forecasts.clear();
            notes.trials.clear();
        }
        return notes;
    }

    private void take(RankedPlan one, int cases) {
        if (cases == 0) {
            forecasts.put(one.plan(), one);
        } else {
            trials.put(new Trial(one.plan(), cases), one);
        }
    }

    Optional<RankedPlan> forecast(EditPlan plan) {
        return Optional.ofNullable(forecasts.get(plan));
    }

    Optional<RankedPlan> trial(EditPlan plan, int cases) {
        return Optional.ofNullable(trials.get(new Trial(plan, cases)));
    }

    void forecast(RankedPlan one) {
        take(one, 0);
        write();
    }

    void trial(RankedPlan one, int cases) {
        take(one, cases);
        write();
    }

    private void write() {
        file.ifPresent(path -> {
            List<Line> lines = new java.util.ArrayList<>();
            forecasts.values().forEach(one -> lines.add(new Line(0, one)));
            trials.forEach((trial, one) -> lines.add(new Line(trial.cases(), one)));
            AtomicFile.write(path, out -> ReportJson.mapper().writeValue(out, new Content(lines)));
        });
    }

    /** The search is over: its result is kept elsewhere. */
    void close() {
        file.ifPresent(path -> {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
