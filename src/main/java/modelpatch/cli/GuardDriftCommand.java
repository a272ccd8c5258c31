package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import modelpatch.Installation;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.evaluate.Questions;
import modelpatch.guard.DriftDocument;
import modelpatch.guard.Gates;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.StackDrift;
import modelpatch.report.DriftPlot;
import modelpatch.report.DriftView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard drift}: how far a stack has moved, patch by patch. */
@Command(
        name = "drift",
        header = "Measures how far a stack of patches has moved a model: each patch alone, and all up to it.",
        description =
                "KL, likeliest tokens and perplexity on the canary text (or on sentences of the suite, where the vocabulary cannot"
                        + " write it), changed continuations, growth of every edited tensor, and the facts around what was edited. Exit code 1 where"
                        + " the whole stack is beyond a limit of --gates.",
        footer = "  patch guard drift --patch a.patch.safetensors b.patch.safetensors --plot drift.svg")
final class GuardDriftCommand extends Subcommand {

    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    PatchOptions patches;

    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "the limits (default: configs/gates.yaml of this project)")
    Path gates;

    @Option(
            names = "--neighbours",
            paramLabel = "N",
            defaultValue = "40",
            description = "facts of a relation around the edited ones that are asked, 0 for none")
    int neighbours;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "draw the stack patch by patch, and the trend over the ledger in --patches, as SVG")
    Path plot;

    @Mixin
    ReportOption report;

    GuardDriftCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        Gates limits = GatesOption.read(gates);
        try (PatchedModel opened = model.open(this)) {
            StackDrift drift = new StackDrift(
                    opened, new StackDrift.Options(Installation.here().canary(), limits, neighbours));
            DriftDocument measured = drift.run(questions(opened), this);
            DriftDocument document = plot == null ? measured : plotted(measured, limits);
            Answer answer = new Answer(document, () -> DriftView.text(document), document.passed() ? 0 : 1);
            return report.of(
                    answer,
                    "How far " + opened.base().name() + " was moved",
                    opened.stack().patches().size() + " patches",
                    page -> page.figure("drift", "The stack, patch by patch", svg(measured, limits)));
        }
    }

    /** The suite that the patches were made on; without it there are no neighbours, and the canary must do. */
    private Optional<Questions> questions(PatchedModel opened) {
        Optional<RecordedOptions> recorded = RecordedOptions.ofTopmost(opened.stack());
        recorded.ifPresent(options -> options.fill(cases, protocol));
        boolean named = cases.facts != null || cases.suite != null || model.embedded();
        long seed = recorded.map(RecordedOptions::seed).orElse(common.seed);
        return named
                ? Optional.of(QuestionOptions.questions(cases, protocol, model, opened, seed, this))
                : Optional.empty();
    }

    private String svg(DriftDocument measured, Gates limits) {
        return DriftPlot.svg(measured, patches.store(terminal).ledger().entries(), limits);
    }

    private DriftDocument plotted(DriftDocument measured, Gates limits) {
        byte[] svg = svg(measured, limits).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(plot, out -> out.write(svg));
        return measured.plottedIn(plot.toString());
    }
}
