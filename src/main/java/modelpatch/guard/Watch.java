package modelpatch.guard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Errand;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Stopped;
import modelpatch.model.LanguageModel;

/**
 * The use case {@code patch guard watch}: runs suites on every model of a directory that has not been run with them yet, and keeps a history.
 */
public final class Watch {
    private static final Duration TICK = Duration.ofMillis(200);

    private final Options options;
    private final SuiteHistory history;
    private final Clock clock;
    private final Optional<Crew> crew;

    /**
     * What is watched.
     *
     * @param models the directory: a model is a folder with config.json, or a GGUF file
     * @param suites files, read anew in every round
     * @param base what drift is measured from; empty for not at all
     * @param again whether to run what the history has already
     * @param threads of the engine
     */
    public record Options(Path models, List<Path> suites, Optional<Path> base, boolean again, int threads) {}

    /** A use case that has done nothing yet. */
    public Watch(Options options, SuiteHistory history, Clock clock) {
        this(options, history, clock, Optional.empty());
    }

    /**
     * The same, with help.
     *
     * @param crew runs suites on models side by side, all files at the same paths; stays the caller's
     */
    public Watch(Options options, SuiteHistory history, Clock clock, Optional<Crew> crew) {
        this.options = options;
        this.history = history;
        this.clock = clock;
        this.crew = crew;
    }

    /** Bytes that a machine needs to run suites on any of the models. */
    public static long memory(Options options) {
        return Stream.concat(models(options).stream(), options.base().stream())
                .mapToLong(model -> {
                    try (Checkpoint checkpoint = Checkpoint.open(model)) {
                        return LanguageModel.memoryNeeded(checkpoint);
                    }
                })
                .max()
                .orElse(0);
    }

    /**
     * Runs what is new, once or again and again; what was run before an interruption stays in the history.
     *
     * @param every how long to rest before looking again, until the onlooker ends it; empty for once
     * @throws BadInput where a model or a suite cannot be read
     */
    public WatchDocument run(Optional<Duration> every, Onlooker onlooker) {
        int before = history.entries().size();
        try {
            round(onlooker);
            while (every.isPresent()) {
                rest(every.get(), onlooker);
                round(onlooker);
            }
        } catch (Stopped stopped) {
            onlooker.detail("stopped; the history has what was run");
        }
        List<SuiteHistory.Entry> entries = history.entries();
        List<SuiteHistory.Entry> latest = latest(entries);
        boolean passed = latest.stream().allMatch(one -> one.verdict().equals(SuiteResult.PASSED));
        return new WatchDocument(
                passed ? SuiteResult.PASSED : SuiteResult.BROKEN,
                entries.size() - before,
                latest,
                history.file().toString());
    }

    private void round(Onlooker onlooker) {
        List<RegressionSuite> suites =
                options.suites().stream().map(RegressionSuite::read).toList();
        List<Errand> errands = new ArrayList<>();
        Set<List<Object>> shared = new HashSet<>();
        for (Path model : models(options)) {
            String digest;
            BaseReading reading;
            NodeModel node;
            try (Checkpoint checkpoint = Checkpoint.open(model)) {
                digest = checkpoint.digest();
                reading = BaseReading.of(checkpoint);
                node = NodeModel.of(checkpoint);
            }
            List<RegressionSuite> open = suites.stream()
                    .filter(suite -> options.again() || !history.knows(digest, reading, suite.digest()))
                    .toList();
            if (crew.isPresent()) {
                open.stream()
                        // the same model under another name: the history would know it by then
                        .filter(suite -> shared.add(List.of(digest, reading, suite.digest())) || options.again())
                        .forEach(suite -> errands.add(new Errand(node, asPiece(suite))));
            } else if (!open.isEmpty()) {
                onlooker.check();
                run(model, open, onlooker);
            }
        }
        crew.ifPresent(own -> share(own, errands, onlooker));
    }

    private SuiteRun asPiece(RegressionSuite suite) {
        return new SuiteRun(
                NodeModel.absolute(suite.file()), suite.digest(), options.base().map(NodeModel::absolute));
    }

    /** The history has what was run in the order of models and suites, whatever comes back first. */
    private void share(Crew own, List<Errand> errands, Onlooker onlooker) {
        SuiteHistory.Entry[] given = new SuiteHistory.Entry[errands.size()];
        int[] written = {0};
        try (Onlooker.Part progress = onlooker.begin("suites on the cluster")) {
            own.work(errands, onlooker, (index, json) -> {
                given[index] = entry(json);
                while (written[0] < given.length && given[written[0]] != null) {
                    add(given[written[0]++], onlooker);
                    progress.at(written[0], given.length);
                }
            });
        }
    }

    private static SuiteHistory.Entry entry(byte[] json) {
        try {
            return ReportJson.mapper().readValue(json, SuiteHistory.Entry.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(SuiteHistory.Entry entry, Onlooker onlooker) {
        history.add(entry);
        onlooker.remark(entry.model() + ", " + entry.suite() + ": " + entry.verdict() + entry.ofRepairs());
    }

    private void run(Path model, List<RegressionSuite> open, Onlooker onlooker) {
        try (OpenTarget target = OpenTarget.open(
                model, List.of(), options.base().orElse(null), null, options.threads(), clock.instant())) {
            for (RegressionSuite suite : open) {
                add(
                        SuiteHistory.Entry.of(
                                new SuiteRunner(clock, Progress.UNWATCHED).run(suite, target.target()),
                                clock.instant().toString()),
                        onlooker);
            }
        }
    }

    private static List<Path> models(Options options) {
        if (!Files.isDirectory(options.models())) {
            throw new BadInput(
                    "no directory of models", "--models " + options.models(), "a directory", "none", "check the path");
        }
        try (Stream<Path> files = Files.list(options.models())) {
            return files.filter(file -> Files.exists(file.resolve("config.json"))
                            || file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits, and ends at once where the onlooker says so. */
    private static void rest(Duration time, Onlooker onlooker) {
        for (long tick = 0; tick < time.dividedBy(TICK); tick++) {
            onlooker.check();
            try {
                Thread.sleep(TICK.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Stopped();
            }
        }
        onlooker.check();
    }

    private static List<SuiteHistory.Entry> latest(List<SuiteHistory.Entry> entries) {
        List<SuiteHistory.Entry> latest = new ArrayList<>();
        for (SuiteHistory.Entry one : entries) {
            latest.removeIf(
                    other -> other.model().equals(one.model()) && other.suite().equals(one.suite()));
            latest.add(one);
        }
        return latest;
    }
}
