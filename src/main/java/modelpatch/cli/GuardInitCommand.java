package modelpatch.cli;

import java.nio.file.Path;
import java.util.Optional;
import modelpatch.Installation;
import modelpatch.evaluate.Questions;
import modelpatch.guard.InitDocument;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.SuiteMaker;
import modelpatch.report.GuardView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard init}: a suite from a patch's own evidence, or from what a model can do. */
@Command(
        name = "init",
        header = "Writes a regression suite from a patch's own evidence, and its baseline.",
        description = {
            "With --patch the items by which the patches were judged are asked again, without and with them: what they repaired must"
                    + " stay repaired, what they left right must stay right. Seed, facts and number of items come from the topmost"
                    + " patch where they are not given. Without --patch: what the model gets right must stay right.",
            "Left out and counted: what is wrong anyway, and answers that rounding decides."
        },
        footer = "  patch guard init --model default --patch patches/p.patch.safetensors --out eval/p.yaml")
final class GuardInitCommand extends Subcommand {
    private static final int PER_SET = 10;

    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "the suite, a YAML file")
    Path out;

    @Option(names = "--name", paramLabel = "TEXT", description = "name of the suite (default: the file's)")
    String name;

    @Option(names = "--why", paramLabel = "TEXT", description = "why it exists (default: the patches' own reasons)")
    String why;

    @Option(names = "--most", paramLabel = "N", defaultValue = "100", description = "at most N cases of a set")
    int most;

    @Option(
            names = "--per-set",
            paramLabel = "N",
            description =
                    "other cases per edited case and set (default: as the patch was judged, else " + PER_SET + ")")
    Integer perSet;

    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "where the limits of drift come from (default: configs/gates.yaml of this project)")
    Path gates;

    @Option(names = "--overwrite", description = "replace a suite that is there already")
    boolean overwrite;

    GuardInitCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        SuiteMaker.Options options = new SuiteMaker.Options(
                out,
                Optional.ofNullable(name),
                Optional.ofNullable(why),
                most,
                overwrite,
                GatesOption.read(gates),
                Installation.here().canary());
        try (PatchedModel opened = model.open(this)) {
            Optional<RecordedOptions> recorded = RecordedOptions.ofTopmost(opened.stack());
            recorded.ifPresent(judged -> judged.fill(cases, protocol));
            long seed = recorded.map(RecordedOptions::seed).orElse(common.seed);
            Questions questions = QuestionOptions.questions(cases, protocol, model, opened, seed, this);
            int items = perSet != null
                    ? perSet
                    : recorded.flatMap(RecordedOptions::perSet).orElse(PER_SET);
            InitDocument made = new SuiteMaker(opened, questions, options, terminal.clock()).run(items, seed, this);
            return new Answer(made, () -> GuardView.text(made), made.result().passed() ? 0 : 1)
                    .next(Hint.after(spec, "guard", "run").with("--suite", out));
        }
    }
}
