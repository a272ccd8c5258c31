package modelpatch.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SuiteSplit;
import modelpatch.edit.DrawnCases;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.repair.Controls;
import modelpatch.repair.Eligibility;
import modelpatch.repair.Patcher;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch apply}: from findings to a weight patch, proved before and after. */
@Command(
        name = "apply",
        header = "Repairs what was found by a small weight patch, and proves before and after.",
        description =
                "Takes the newest findings. Makes one patch for all failures that an edit can help, adding cases while the gates"
                        + " hold; --case takes some, --each judges every case's own patch alone and writes none. The model's own files are"
                        + " never changed.",
        footer = "  patch apply --model model.gguf --facts facts.tsv --case P27-P36:stephen-king")
final class ApplyCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    FindingsOptions findings;

    @Mixin
    ApplyOptions edit;

    @Option(names = "--case", paramLabel = "ID", description = "only this case; several are given one after another")
    List<String> ids = List.of();

    @Option(
            names = "--each",
            description =
                    "study: every eligible report case its own patch, judged alone, the tables pooled; nothing is written")
    boolean each;

    @Option(names = "--most", paramLabel = "N", description = "at most N cases, drawn by the seed (default: all)")
    Integer most;

    @Option(
            names = "--controls",
            negatable = true,
            description = "also edit unlocated layers and towards a wrong bridge (default: with --each)")
    Boolean controls;

    @Option(names = "--force", description = "write the patch though a gate failed; its metadata says so")
    boolean force;

    @Mixin
    PatchOptions patches;

    @Option(names = "--author", paramLabel = "NAME", description = "who makes the patch (default: the user's name)")
    String author = System.getProperty("user.name", "");

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, in words", defaultValue = "")
    String reason;

    @Option(names = "--approver", paramLabel = "NAME", description = "who is to answer for its use (default: nobody)")
    String approver;

    @Option(
            names = "--expires",
            paramLabel = "DATE",
            converter = ExpiryDate.class,
            description = "from when on it must not be used, as 2027-06-30 or 2027-06-30T12:00:00Z (default: never)")
    Instant expires;

    private final Map<String, Double> seconds = new LinkedHashMap<>();

    ApplyCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        edit.requireUsable();
        if (each && !ids.isEmpty()) {
            throw new BadInput("which cases", "--each, --case", "one of them", "both", "leave one out");
        }
        try (PatchedModel opened = model.open(this);
                ProgressLine moments = begin("second moments")) {
            Findings found = findings.read(opened.base().digest());
            Questions questions = Questions.of(cases, protocol, model, opened, found.seed(), this);
            ApplySetup setup = timed(
                    "setup",
                    () -> ApplySetup.of(opened, questions.asked(), found, questions.deciding(), edit, moments));
            List<ApplyDocument.LeftOutCase> excluded = new ArrayList<>();
            List<CompositionalCase> eligible = eligible(setup, excluded);
            if (eligible.isEmpty()) {
                throw new BadInput(
                        "nothing to repair",
                        findings.resolve().toString(),
                        "a failure that an edit can help" + (each ? ", on the report side" : ""),
                        found.failures().size() + " failures, none eligible",
                        "see `patch find`");
            }
            boolean jointly = !each && eligible.size() > 1;
            PlanChoice choice = timed(
                    "search", () -> PlanChoice.of(this, setup, edit, findings.resolve(), eligible.size(), jointly));
            ApplyDocument document = jointly
                    ? together(opened, setup, eligible, choice, excluded)
                    : alone(opened, setup, eligible, choice, excluded);
            int exit = document.verdict().equals(ApplyDocument.FAILED) ? 1 : 0;
            return new Answer(document, () -> ApplyView.text(document), exit);
        }
    }

    private List<CompositionalCase> eligible(ApplySetup setup, List<ApplyDocument.LeftOutCase> excluded) {
        List<FailureFinding> failures = new ArrayList<>(setup.findings().failures());
        if (!ids.isEmpty()) {
            ids.stream()
                    .filter(id -> setup.findings().find(id).isEmpty())
                    .findFirst()
                    .ifPresent(id -> {
                        throw new BadInput(
                                "no such failure",
                                "--case " + id,
                                "the id of a failure in " + findings.resolve(),
                                "none of its " + failures.size(),
                                "see `patch find`");
                    });
            failures.removeIf(failure -> !ids.contains(failure.id()));
        } else {
            failures.removeIf(failure -> !failure.side().equals(SuiteSplit.REPORT.key()));
        }
        List<CompositionalCase> eligible = new ArrayList<>();
        for (FailureFinding failure : failures) {
            Optional<String> objection = Eligibility.objection(failure);
            if (objection.isPresent() && ids.isEmpty()) {
                excluded.add(new ApplyDocument.LeftOutCase(failure.id(), objection.get()));
            } else {
                eligible.add(setup.find(failure.id()));
            }
        }
        return most == null ? eligible : DrawnCases.of(eligible, common.seed, most);
    }

    /** One patch for many cases. */
    private ApplyDocument together(
            PatchedModel opened,
            ApplySetup setup,
            List<CompositionalCase> eligible,
            PlanChoice choice,
            List<ApplyDocument.LeftOutCase> leftOut) {
        Patcher.Together together;
        Set<String> reported = ids.isEmpty() ? setup.reportIds() : Set.copyOf(ids);
        try (ProgressLine progress = begin("cases")) {
            together = timed(
                    "edit",
                    () -> setup.patcher()
                            .together(
                                    DrawnCases.of(eligible, common.seed, eligible.size()),
                                    choice.plans().get(0),
                                    reported,
                                    progress));
        }
        together.leftOut().forEach(one -> leftOut.add(new ApplyDocument.LeftOutCase(one.id(), one.why())));
        List<Patcher.Repair> repairs = together.repair().stream().toList();
        return report(opened, setup, eligible.size(), choice, leftOut, true)
                .document(repairs, reported, controls(setup, repairs));
    }

    /** Every case its own patch; written where it is the only one. */
    private ApplyDocument alone(
            PatchedModel opened,
            ApplySetup setup,
            List<CompositionalCase> eligible,
            PlanChoice choice,
            List<ApplyDocument.LeftOutCase> leftOut) {
        List<Patcher.Repair> repairs = new ArrayList<>();
        try (ProgressLine progress = begin("cases")) {
            for (CompositionalCase one : eligible) {
                progress.at(repairs.size(), eligible.size());
                try {
                    repairs.add(timed("edit", () -> setup.patcher().one(one, choice.plans())));
                } catch (BadInput unstable) {
                    // in a study one case without a stable solution is a result; on its own it is the user's to correct
                    if (!each) {
                        throw unstable;
                    }
                    leftOut.add(new ApplyDocument.LeftOutCase(one.id(), unstable.getMessage()));
                }
            }
        }
        return report(opened, setup, eligible.size(), choice, leftOut, !each)
                .document(repairs, setup.reportIds(), controls(setup, repairs));
    }

    private ApplyReport report(
            PatchedModel opened,
            ApplySetup setup,
            int eligible,
            PlanChoice choice,
            List<ApplyDocument.LeftOutCase> leftOut,
            boolean writes) {
        ApplyReport.Authorship by = new ApplyReport.Authorship(
                author, reason, Optional.ofNullable(approver), Optional.ofNullable(expires), resolvedOptions(), force);
        return new ApplyReport(
                opened,
                setup,
                eligible,
                choice,
                leftOut,
                by,
                writes ? Optional.of(patches.store(terminal)) : Optional.empty(),
                seconds,
                terminal.clock());
    }

    /** The controls by name; none where they were not asked for. */
    private Map<String, Map<EditSet, SetOutcome>> controls(ApplySetup setup, List<Patcher.Repair> repairs) {
        boolean wanted = controls == null ? each : controls;
        if (!wanted || repairs.isEmpty()) {
            return Map.of();
        }
        Controls.Tables tables;
        try (ProgressLine progress = begin("controls")) {
            tables = timed("controls", () -> setup.controls().of(repairs, progress));
        }
        Map<String, Map<EditSet, SetOutcome>> named = new LinkedHashMap<>();
        tables.unlocated().ifPresent(table -> named.put("unlocated", table.sets()));
        tables.rescaled().ifPresent(table -> named.put("unlocated_rescaled", table.sets()));
        tables.wrongBridge().ifPresent(table -> named.put("wrong_bridge", table.sets()));
        return named;
    }

    private <T> T timed(String part, Supplier<T> work) {
        Instant start = terminal.clock().instant();
        T result = work.get();
        double spent = Duration.between(start, terminal.clock().instant()).toMillis() / 1e3;
        seconds.merge(part, spent, Double::sum);
        return result;
    }
}
