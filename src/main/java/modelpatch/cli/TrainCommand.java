package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.Numbers;
import modelpatch.report.Table;
import modelpatch.train.Exam;
import modelpatch.train.TrainedModel;
import modelpatch.train.Trainer;
import modelpatch.train.TrainingConfig;
import modelpatch.train.TrainingStep;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** {@code patch train}: a model for a synthetic world, from a configuration. */
@Command(
        name = "train",
        header = "Trains a small model on a synthetic world: the embedded default model, or another.",
        description = {
            "Here --config is the training configuration, by default that of the embedded model; --seed and --threads replace what it says. A run that was"
                    + " stopped goes on from its last checkpoint. Exit code 1 says that the steps were used up before the stop rule held."
        },
        footer = "  patch train --config configs/default-model.yaml --seed 7 --name second")
final class TrainCommand extends Subcommand {
    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "what to write into (default: models/ and the name)",
            showDefaultValue = Visibility.NEVER)
    Path out;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "the model's name (default: what the configuration says)",
            showDefaultValue = Visibility.NEVER)
    String name;

    @Option(names = "--overwrite", description = "replace a finished model")
    boolean overwrite;

    TrainCommand(Terminal terminal) {
        super(terminal);
    }

    record TrainDocument(
            String model, String digest, int steps, boolean stoppedByRule, Exam exam, double seconds, Shares shares) {}

    /** What the exam's counts come to. */
    record Shares(double singles, double taught, OptionalDouble gap) {}

    @Override
    Answer answer() {
        Path file = common.config == null ? Installation.here().config("default-model.yaml") : common.config;
        TrainingConfig config = config(file);
        Path directory = out == null ? Installation.here().model(config.name()) : out;
        Trainer trainer = new Trainer(config, file, directory, terminal.clock());
        if (trainer.canResume()) {
            remark("going on from the checkpoint in " + directory);
        } else if (!overwrite && Files.exists(directory.resolve("model.safetensors"))) {
            throw new BadInput(
                    "a finished model is there",
                    directory.toString(),
                    "a directory without a model",
                    "model.safetensors",
                    "name another by --out or --name, or say --overwrite");
        }
        Instant start = terminal.clock().instant();
        try (ProgressLine line = new ProgressLine(terminal, "training", common.quiet)) {
            TrainedModel trained = trainer.run(progress -> watch(progress, line));
            Duration spent = Duration.between(start, terminal.clock().instant());
            return answer(trained, spent.toMillis() / 1000.0);
        }
    }

    private TrainingConfig config(Path file) {
        TrainingConfig config = TrainingConfig.read(file);
        if (spec.commandLine().getParseResult().hasMatchedOption("--seed")) {
            config = config.withSeed(common.seed);
        }
        if (common.threads != null) {
            config = config.withThreads(common.threads);
        }
        return name == null ? config : config.withName(name);
    }

    private void watch(TrainingStep progress, ProgressLine line) {
        line.at(progress.step(), progress.steps());
        progress.exam()
                .ifPresent(exam -> remark(Numbers.format(
                        "step %d: loss %.4f; single facts %s, taught compositions %s, gap %s",
                        progress.step(),
                        progress.losses().answer(),
                        Numbers.percent(exam.singles()),
                        Numbers.percent(exam.taught()),
                        exam.gap().isPresent() ? Numbers.percent(exam.gap().getAsDouble()) : "undefined")));
    }

    private static Answer answer(TrainedModel trained, double seconds) {
        Exam exam = trained.exam();
        TrainDocument document = new TrainDocument(
                trained.directory().toString(),
                trained.digest(),
                trained.steps(),
                trained.stoppedByRule(),
                exam,
                seconds,
                new Shares(exam.singles(), exam.taught(), exam.gap()));
        return new Answer(document, () -> text(document), trained.stoppedByRule() ? 0 : 1)
                .next(Hint.of("doctor").because("whether the embedded models are as they should be"));
    }

    private static String text(TrainDocument document) {
        Exam exam = document.exam();
        Table table = Table.of("exam", "share>", "n>");
        table.row("single facts known in every sentence", Numbers.percent(exam.singles()), exam.facts());
        table.row("taught compositions known in every sentence", Numbers.percent(exam.taught()), exam.taughtCases());
        table.row(
                "gap: held-out compositions with known hops answered wrongly",
                Numbers.percent(exam.gap()),
                exam.heldOutKnown());
        return table + "\n\n" + document.steps() + " steps; "
                + (document.stoppedByRule() ? "the stop rule held" : "the steps were used up before the stop rule held")
                + "\nwritten: " + document.model();
    }
}
