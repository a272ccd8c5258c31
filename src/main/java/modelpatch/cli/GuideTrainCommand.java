package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.Numbers;
import modelpatch.guide.GuiderConfig;
import modelpatch.guide.GuiderTraining;
import modelpatch.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guide train}: a guider for an embedded model, from a configuration. */
@Command(
        name = "train",
        header = "Trains a guider for an embedded model on worlds of its words without its facts.",
        description =
                "Writes a base, and beside it adapters: the guider, which is taught to go by way of the bridge; a placebo, taught"
                        + " the same chains behind the wrong questions; and the guider with preferences on top. A base that was stopped goes"
                        + " on from its checkpoint.",
        footer = "  patch guide train --recipe configs/guider.yaml --out run")
final class GuideTrainCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Option(names = "--recipe", paramLabel = "FILE", description = "how it is trained (default: configs/guider.yaml)")
    Path recipe;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "what to write into")
    Path out;

    GuideTrainCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        Path file = recipe == null ? Installation.here().config("guider.yaml") : recipe;
        GuiderConfig config = GuiderConfig.read(file);
        for (String part : new String[] {GuiderTraining.GUIDER, GuiderTraining.PLACEBO, GuiderTraining.PREFERENCE}) {
            if (Files.exists(out.resolve(part))) {
                throw new BadInput(
                        "a finished guider is there",
                        out.resolve(part).toString(),
                        "a folder without one",
                        "a folder",
                        "name another by --out");
            }
        }
        GuiderTraining.Document document = new GuiderTraining(config, model.path(), out, terminal.clock()).run(this);
        return Answer.of(document, () -> {
                    Table table = Table.of("part", "loss>");
                    document.losses().forEach((part, loss) -> table.row(part, Numbers.decimal(loss, 4)));
                    return table + "\nwritten: " + out;
                })
                .next(Hint.after(spec, "guide", "eval")
                        .with("--guider-base", out.resolve(GuiderTraining.BASE))
                        .with("--guider", out.resolve(GuiderTraining.GUIDER))
                        .with("--placebo", out.resolve(GuiderTraining.PLACEBO)));
    }
}
