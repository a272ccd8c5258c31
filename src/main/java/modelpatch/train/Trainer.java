package modelpatch.train;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import modelpatch.BadInput;
import modelpatch.cases.Relations;
import modelpatch.model.DecoderTraining;
import modelpatch.model.DecoderTraining.Losses;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.tokenizer.Tokenizer;

/**
 * Trains a model on a synthetic world, from a configuration to a directory that holds everything: weights, tokenizer, world, recipe, loss
 * plot and model card. While it runs, {@code checkpoint/} in that directory holds what resuming needs.
 */
public final class Trainer {
    private static final DecoderTraining.Optimizer OPTIMIZER = new DecoderTraining.Optimizer(0.9, 0.98, 1e-8, 0.1, 1.0);

    private final TrainingConfig config;
    private final Path relationsFile;
    private final TrainingDirectory directory;
    private final Clock clock;

    /**
     * @param config what {@code configFile} says, possibly with another seed, name or number of threads
     * @param configFile where it was read from; the sentences of the relations are found beside it
     * @param directory what the run writes into; made where it is missing
     */
    public Trainer(TrainingConfig config, Path configFile, Path directory, Clock clock) {
        this.config = config;
        this.relationsFile = configFile.resolveSibling(config.world().relations());
        this.directory = new TrainingDirectory(directory);
        this.clock = clock;
    }

    /** Whether a run was left unfinished in the directory. */
    public boolean canResume() {
        return DecoderTraining.canResume(directory.checkpoint());
    }

    /**
     * Trains from the beginning, or from the last checkpoint where there is one, until the stop rule holds or the steps are used up.
     *
     * @param watcher told after every step
     * @throws BadInput when the world cannot be made as planned, or a checkpoint belongs to another configuration
     */
    public TrainedModel run(Consumer<TrainingStep> watcher) {
        World world = world();
        List<String> vocabulary = WordTokenizer.vocabulary(world);
        WordTokenizer.write(vocabulary, directory.checkpointTokenizer());
        try (Tokenizer tokenizer = Tokenizer.read(directory.checkpointTokenizer());
                DecoderTraining training = begin(vocabulary.size())) {
            TrainingHistory history = training.steps() == 0
                    ? TrainingHistory.empty(config)
                    : TrainingHistory.read(directory.checkpoint(), config, training.steps());
            Sequences sequences = new Sequences(
                    new Corpus(world, tokenizer),
                    config.lessons(),
                    vocabulary.indexOf(WordTokenizer.BEGINNING),
                    config.seed());
            train(training, sequences, new WorldExaminer(world, config.seed()), history, watcher);
            return directory.finish(world, relationsFile, training, history);
        }
    }

    private World world() {
        try {
            return World.generate(config.world(), Relations.read(relationsFile), config.seed());
        } catch (IllegalArgumentException e) {
            throw BadInput.of("world of " + config.name(), e.getMessage()).causedBy(e);
        }
    }

    private DecoderTraining begin(int vocabularySize) {
        var json = directory.modelConfig(config.model(), vocabularySize);
        return canResume()
                ? DecoderTraining.resume(directory.checkpoint(), json, OPTIMIZER, config.threads())
                : DecoderTraining.create(json, OPTIMIZER, config.seed(), config.threads());
    }

    private void train(
            DecoderTraining training,
            Sequences sequences,
            WorldExaminer examiner,
            TrainingHistory history,
            Consumer<TrainingStep> watcher) {
        TrainingConfig.Schedule schedule = config.schedule();
        Instant start = clock.instant();
        int before = training.steps();
        boolean done = history.stopped();
        while (!done && training.steps() < schedule.steps()) {
            int step = training.steps() + 1;
            double rate = schedule.rate(step);
            Losses losses = training.step(sequences.of(step), rate);
            history.losses().add(losses);
            Optional<Exam> exam = Optional.empty();
            if (step % schedule.evaluateEvery() == 0 || step == schedule.steps()) {
                exam = Optional.of(exam(training, examiner, history, step));
                done = history.stopped();
            }
            if (step % schedule.checkpointEvery() == 0) {
                // In this order: a state never stands there without its history.
                history.write(directory.checkpoint());
                training.save(directory.checkpoint());
            }
            Duration elapsed = Duration.between(start, clock.instant());
            Duration remaining = elapsed.multipliedBy(schedule.steps() - step).dividedBy(step - before);
            watcher.accept(new TrainingStep(step, schedule.steps(), rate, losses, elapsed, remaining, exam));
        }
    }

    /** Asks a sample, and everything where the sample passes or no step is left. */
    private Exam exam(DecoderTraining training, WorldExaminer examiner, TrainingHistory history, int step) {
        training.writeCheckpoint(directory.checkpoint());
        LoadOptions options = LoadOptions.defaults().withThreads(config.threads());
        try (LanguageModel model = LanguageModel.open(directory.checkpoint(), options)) {
            Exam exam = examiner.sample(model, config.stop().sample());
            boolean whole =
                    config.stop().holds(step, exam) || step == config.schedule().steps();
            if (whole) {
                exam = examiner.whole(model);
            }
            history.exams().add(new TrainingHistory.Sitting(step, whole, exam));
            return exam;
        }
    }
}
