package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import modelpatch.Installation;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;
import modelpatch.report.CkaView;
import modelpatch.thinking.CkaReport;
import modelpatch.thinking.LayerCka;
import modelpatch.thinking.Mode;
import modelpatch.thinking.ThinkingPlan;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Fast and slow prompts of a suite layer by layer, in place of the lens. */
final class CkaOptions {
    @Option(
            names = "--cka",
            description =
                    "how alike the layers are under fast and slow prompts of the same questions, by kernel alignment, beside"
                            + " controls; takes the questions of --facts or --suite")
    boolean asked;

    @Option(names = "--biased", description = "the biased estimator, which nears 1 where there are few questions")
    boolean biased;

    @Option(
            names = "--drop-top-dims",
            paramLabel = "K",
            defaultValue = "0",
            description = "leave out the K columns that vary most in the fast run; a massive one decides everything")
    int dropTopDims;

    @Option(names = "--z-score", description = "scale every column to variance 1")
    boolean zScore;

    @Option(
            names = "--slow",
            paramLabel = "ID",
            description = "slow mode by hops, from configs/thinking.yaml (default: its first)",
            showDefaultValue = Visibility.NEVER)
    String slow;

    @Option(names = "--plot", paramLabel = "FILE", description = "draw the curves as SVG")
    Path plot;

    Answer answer(CaseOptions cases, ProtocolOptions protocol, ModelOptions model, Subcommand command) {
        ThinkingPlan modes = ThinkingPlan.read(Installation.here().config("thinking.yaml"));
        Mode mode = slow == null ? modes.slow().get(0) : modes.slow(slow, "--slow");
        try (PatchedModel opened = model.open(command)) {
            Questions questions =
                    QuestionOptions.questions(cases, protocol, model, opened, command.common.seed, command);
            CkaReport report = new LayerCka(
                            opened, questions, new LayerCka.Options(biased, dropTopDims, zScore, command.common.seed))
                    .run(mode, command);
            if (plot != null) {
                byte[] svg = CkaView.svg(report).getBytes(StandardCharsets.UTF_8);
                AtomicFile.write(plot, out -> out.write(svg));
            }
            String drawn = plot == null ? "--plot FILE draws the curves" : "written: " + plot;
            return Answer.of(report, () -> CkaView.text(report) + "\n\n" + drawn)
                    .next(Hint.after(command.spec, "find").because("the heads that carry it"));
        }
    }
}
