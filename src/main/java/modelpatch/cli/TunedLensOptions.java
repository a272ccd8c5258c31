package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.LensTrainer;
import modelpatch.locate.TunedLens;
import modelpatch.model.LanguageModel;
import modelpatch.report.PromptView;
import picocli.CommandLine.Option;

/** A lens that was trained to say what the model says in the end, in place of the plain one. */
final class TunedLensOptions {
    @Option(names = "--tuned", paramLabel = "FILE", description = "read through a tuned lens that --train-tuned wrote")
    Path file;

    @Option(
            names = "--train-tuned",
            paramLabel = "FILE",
            description =
                    "train a tuned lens on what the model writes by itself, measure it beside the plain one, and write it there")
    Path trainTo;

    @Option(
            names = "--lens-steps",
            paramLabel = "N",
            defaultValue = "60",
            description = "steps of each block's training, 64 positions a step")
    int steps;

    @Option(
            names = "--lens-rate",
            paramLabel = "X",
            defaultValue = "0.001",
            description = "learning rate of the first step")
    double learningRate;

    /** The lens of the options, where one is given. */
    Optional<TunedLens> read(LanguageModel model) {
        return Optional.ofNullable(file).map(one -> TunedLens.read(one, model));
    }

    Answer train(ModelOptions model, Subcommand command) {
        if (steps < 1) {
            throw new BadInput("how long to train", "--lens-steps", "at least 1", String.valueOf(steps), "give more");
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new BadInput(
                    "how fast to train",
                    "--lens-rate",
                    "a number above 0",
                    String.valueOf(learningRate),
                    "0.001 is usual");
        }
        if (Files.isDirectory(trainTo)) {
            throw new BadInput(
                    "where to write", "--train-tuned", "a file", trainTo + ", a folder", "name a file in it");
        }
        try (PatchedModel opened = model.open(command)) {
            LensTrainer.Trained trained = new LensTrainer(
                            opened.model(),
                            new LensTrainer.Options(steps, learningRate, command.common.seed),
                            command.terminal.clock())
                    .run(command);
            trained.lens().write(trainTo, opened.model());
            return Answer.of(trained.document(), () -> PromptView.text(trained.document()) + "\n\nwritten: " + trainTo);
        }
    }
}
