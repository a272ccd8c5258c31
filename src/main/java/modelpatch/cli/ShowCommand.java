package modelpatch.cli;

import java.nio.file.Path;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import modelpatch.patch.ShowDocument;
import modelpatch.patch.WeightPatch;
import modelpatch.report.FailureView;
import modelpatch.report.FindingsPage;
import modelpatch.report.FindingsTables;
import modelpatch.report.PatchCard;
import modelpatch.report.PatchView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch show}: a patch or a failure in words and numbers. */
@Command(
        name = "show",
        header = "Explains a patch, or a failure that was found: what, why, and what was proved.",
        description =
                "Of findings, all failures in a list, or with --case one with the lens and mediation layer by layer.",
        footer = {
            "  patch show patches/spread-residual-1cedf2c7d7fd.patch.safetensors",
            "  patch show findings/default-20270102-030405.json --case P27-P36:ada"
        })
final class ShowCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    @Parameters(
            paramLabel = "PATCH|FINDINGS",
            description = "a patch file, the beginning of an id in --patches, or a JSON file that `patch find` wrote")
    String shown;

    @Option(
            names = "--case",
            paramLabel = "ID",
            description = "of findings, this failure, by its id or an unambiguous beginning of it")
    Optional<String> id = Optional.empty();

    @Option(names = "--card", description = "a section for a model card, in Markdown")
    boolean card;

    @Option(
            names = "--csv",
            paramLabel = "DIR",
            description = "also write the findings as tables, one observation a row (docs/formats/tables.md)")
    Path csv;

    @Mixin
    ReportOption report;

    ShowCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        return shown.endsWith(".json") ? failures() : patch();
    }

    private Answer failures() {
        if (card) {
            throw new BadInput("--card", shown, "a patch", "findings", "leave --card out");
        }
        Findings findings = FindingsFile.read(Path.of(shown));
        if (id.isPresent()) {
            FailureFinding one = findings.named(id.get(), shown);
            return Answer.of(one, () -> FailureView.text(one));
        }
        if (csv != null) {
            FindingsTables.write(findings, csv);
        }
        Answer all = Answer.of(findings, () -> FailureView.list(findings));
        Answer hinted = findings.failures().isEmpty()
                ? all
                : all.next(
                        Hint.of("show").with("--case", findings.example().id()).on(shown));
        return report.directory == null
                ? hinted
                : report.written(hinted, FindingsPage.of(findings, all.text().get()));
    }

    private Answer patch() {
        if (id.isPresent()) {
            throw new BadInput("--case", shown, "a JSON file that `patch find` wrote", "a patch", "leave --case out");
        }
        if (report.directory != null || csv != null) {
            throw new BadInput(
                    report.directory != null ? "--report" : "--csv",
                    shown,
                    "a JSON file that `patch find` wrote",
                    "a patch",
                    "leave it out");
        }
        WeightPatch found = patches.find(shown, terminal);
        ShowDocument document = ShowDocument.of(found);
        return Answer.of(document, () -> card ? PatchCard.of(found) : PatchView.text(found));
    }
}
