package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import modelpatch.guard.PatchedModel;
import modelpatch.guide.GuideDocument;
import modelpatch.guide.GuideStudy;
import modelpatch.guide.OpenGuider;
import modelpatch.guide.Strength;
import modelpatch.repair.FoundCases;
import modelpatch.repair.Repair;
import modelpatch.report.GuideView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guide eval}: target, guider and both together on what was found. */
@Command(
        name = "eval",
        header = "Asks target, guider and both together what was found: do they answer what neither does alone?",
        description =
                "Takes the newest findings: failures of the report side, and as many right compositions. Each model"
                        + " writes up to two sentences; where the second asks the last hop of what the first says, its end is the answer.",
        footer = "  patch guide eval --guider-base run/base --guider run/guider --placebo run/placebo")
final class GuideEvalCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    FindingsOptions findings;

    @Mixin
    GuideOptions guide;

    @Option(
            names = "--placebo",
            paramLabel = "PATH",
            description = "an adapter or patch of the same guider base that was taught what cannot help")
    Path placebo;

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "at most N failures, and N right compositions beside them, drawn by the seed (default: all)")
    Integer most;

    GuideEvalCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        Strength strength = guide.strength();
        try (PatchedModel opened = model.open(this)) {
            Repair.Task task = QuestionOptions.task(cases, protocol, model, findings, opened, this);
            FoundCases asked = FoundCases.of(
                    task, List.of(), most == null ? OptionalInt.empty() : OptionalInt.of(most), false, common.seed);
            try (OpenGuider guider = guide.open(opened.model(), guide.guider, common)) {
                GuideDocument document = placebo == null
                        ? study(task, asked, guider, Optional.empty(), strength)
                        : withPlacebo(task, asked, guider, strength);
                return Answer.of(
                        document, () -> GuideView.text(document) + "\nnothing was written; no weight was changed");
            }
        }
    }

    private GuideDocument withPlacebo(Repair.Task task, FoundCases asked, OpenGuider guider, Strength strength) {
        try (OpenGuider other = guide.open(task.model().model(), placebo, common)) {
            return study(task, asked, guider, Optional.of(other), strength);
        }
    }

    private GuideDocument study(
            Repair.Task task, FoundCases asked, OpenGuider guider, Optional<OpenGuider> other, Strength strength) {
        GuideStudy.Named names = new GuideStudy.Named(guide.base, guide.guider.toString());
        return new GuideStudy(task, asked, protocol.newTokens, terminal.clock())
                .run(guider, other, strength, guide.mapTokens, names, this);
    }
}
