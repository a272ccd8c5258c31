package modelpatch.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.evaluate.Questions;
import modelpatch.guard.GateResult;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.repair.Authorship;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairDocument;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.repair.Teaching;
import modelpatch.repair.TeachingDocument;
import modelpatch.report.RepairPage;
import modelpatch.report.RepairView;
import modelpatch.report.TeachingView;
import modelpatch.report.ThinkingView;
import modelpatch.thinking.Mode;
import modelpatch.thinking.SlowToFast;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch apply}: from findings to a weight patch, proved before and after. */
@Command(
        name = "apply",
        header = "Repairs what was found by a small weight patch, and proves before and after.",
        description =
                "Takes the newest findings. Makes one patch for all failures that an edit can help, adding cases while the gates"
                        + " hold; --case takes some, --each judges every case's own patch alone and writes none, --fact teaches facts"
                        + " that nobody had to find. The model's own files are never changed.",
        footer = "  patch apply --model model.gguf --facts facts.tsv --case P27-P36:stephen-king")
final class ApplyCommand extends Subcommand {
    private static final String AS_IT_WAS =
            "interrupted: the model is as it was, and a patch is written whole or not at all (patch log lists them)";

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

    @Option(
            names = "--case",
            paramLabel = "ID",
            description =
                    "only this case, by its id or an unambiguous beginning of it; several are given one after another")
    List<String> ids = List.of();

    @Option(
            names = "--fact",
            paramLabel = "FACT",
            description =
                    "teach a fact instead, as \"Kenya | capital | Nairobi\"; the relation by its name or id. Several are given one after"
                            + " another and get one patch; the facts of --facts must stay. --method is then one that is told answers"
                            + " (default: alphaedit)")
    List<String> taught = List.of();

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

    @Mixin
    ReportOption report;

    @Option(
            names = "--author",
            paramLabel = "NAME",
            description = "who makes the patch, as the patch file will tell it (default: nobody)")
    String author = "";

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

    ApplyCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        return taught.isEmpty() ? repaired() : taught();
    }

    private RepairOptions options(List<String> chosen) {
        return new RepairOptions(
                chosen,
                each,
                ApplyOptions.optional(most),
                controls == null ? each : controls,
                edit.wishes(),
                edit.gates(),
                edit.perSet,
                edit.evidence(each),
                edit.searchCases(chosen.size() == 1),
                edit.finalists,
                common.seed);
    }

    private Authorship by(String why) {
        return new Authorship(
                patches.store(terminal),
                author,
                reason.isEmpty() ? why : reason,
                Optional.ofNullable(approver),
                Optional.ofNullable(expires),
                recordedOptions(),
                force);
    }

    private Answer taught() {
        requireFactsAlone();
        Surroundings around = Surroundings.of(Installation.here(), Installation.cache());
        try (PatchedModel opened = model.open(this);
                Interruption.Scope saying = terminal.interruption().saying(AS_IT_WAS)) {
            FactQuestions asked = FactQuestions.of(taught, cases, protocol, model, opened, this);
            TeachingDocument document = new Teaching(
                            opened, asked.questions(), asked.facts(), options(List.of()), around, terminal.clock())
                    .run(by("teaches " + String.join("; ", taught)), this);
            Answer answer = new Answer(
                    document,
                    () -> TeachingView.text(document)
                            + document.repair()
                                    .map(repair -> "\n" + last(repair))
                                    .orElse("nothing to teach"),
                    document.failed() ? 1 : 0);
            Optional<String> file = document.repair().flatMap(ApplyCommand::file);
            return file.isPresent() ? answer.next(Hint.of("show").on(file.orElseThrow())) : answer;
        }
    }

    private void requireFactsAlone() {
        String other = !ids.isEmpty()
                ? "--case"
                : each ? "--each" : most != null ? "--most" : report.directory != null ? "--report" : "";
        if (!other.isEmpty()) {
            throw new BadInput(
                    "facts and failures at once", "--fact, " + other, "one of them", "both", "leave " + other + " out");
        }
    }

    private Answer repaired() {
        RepairOptions options = options(findings.completed(ids));
        Surroundings around = Surroundings.of(Installation.here(), Installation.cache());
        Authorship by = by("");
        String kept = AS_IT_WAS + "; what a search has tried and chosen lies in " + Installation.cache()
                + ", and the same command goes on there";
        try (PatchedModel opened = model.open(this);
                Interruption.Scope saying = terminal.interruption().saying(kept)) {
            Repair.Task task = QuestionOptions.task(cases, protocol, model, findings, opened, this);
            RepairDocument document = new Repair(task, options, around, terminal.clock()).run(by, this);
            Optional<SlowToFast> learned = learned(task, document);
            Answer answer = new Answer(
                    learned.isPresent() ? new LearnedDocument(document, learned.orElseThrow()) : document,
                    () -> RepairView.text(document)
                            + learned.map(ThinkingView::text).orElse("") + "\n" + last(document),
                    document.failed() ? 1 : 0);
            Answer hinted = next(answer, document);
            return report.directory == null
                    ? hinted
                    : report.written(
                            hinted,
                            RepairPage.of(
                                    document,
                                    "A patch for " + opened.base().name() + ", before and after",
                                    Path.of(task.source()).getFileName() + "; verdict: " + document.verdict(),
                                    answer.text().get()));
        }
    }

    /** A repair by the model's own slow answers. Its JSON has the fields of the repair, then what was learned. */
    record LearnedDocument(@JsonUnwrapped RepairDocument repair, SlowToFast slowToFast) {}

    /** What a written patch reached that was made from the model's own slow answers, judged by those of the cases. */
    private Optional<SlowToFast> learned(Repair.Task task, RepairDocument document) {
        Optional<String> file = document.patches().stream()
                .flatMap(patch -> patch.file().stream())
                .findFirst();
        if (cases.labels == CaseOptions.Labels.GOLD || file.isEmpty()) {
            return Optional.empty();
        }
        PatchedModel opened = task.model();
        Questions gold = QuestionOptions.gold(
                cases, protocol, model, opened, task.findings().seed(), this);
        PatchStack all = opened.stack().with(PatchFile.read(Path.of(file.orElseThrow())));
        LanguageModel base = opened.base();
        try (LanguageModel changed = base.with(all.weights(base.checkpoint()))) {
            return Optional.of(SlowToFast.of(
                    base, changed, gold, task.questions().asked().suite(), Mode.hops("self-ask", 1), this));
        }
    }

    private static String undecided(RepairDocument document) {
        return document.gates().stream()
                .filter(gate -> gate.state() == GateResult.State.UNDECIDED)
                .map(GateResult::name)
                .collect(Collectors.joining(", "));
    }

    private static Optional<String> file(RepairDocument document) {
        return document.patches().stream()
                .flatMap(patch -> patch.file().stream())
                .findFirst();
    }

    private static String last(RepairDocument document) {
        Optional<String> file = file(document);
        return switch (document.verdict()) {
            case RepairDocument.PASSED ->
                file.map(written -> "the gates hold; written: " + written)
                        .orElse("the gates hold; nothing was written, as every case had its own patch");
            case RepairDocument.FORCED -> "the gates do not hold; written on demand: " + file.orElseThrow();
            case RepairDocument.UNDECIDED ->
                "undecided: " + undecided(document)
                        + " rests on too few items; nothing was written; more facts or wordings, a larger --evidence, or"
                        + " may_be_undecided in the file of --gates would decide it";
            default -> "a gate failed; nothing was written";
        };
    }

    private Answer next(Answer answer, RepairDocument document) {
        Optional<String> file = file(document);
        if (file.isPresent()) {
            return answer.next(Hint.of("show").on(file.orElseThrow()));
        }
        return document.failed()
                ? answer
                : answer.next(
                        Hint.of("apply").with("--findings", findings.resolve()).because("one patch for all"));
    }
}
