package modelpatch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Stopped;
import modelpatch.guard.OpenTarget;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteHistory;
import modelpatch.guard.SuiteRunner;
import modelpatch.report.Table;
import modelpatch.report.TrendPlot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard watch}: suites against a directory of models. */
@Command(
        name = "watch",
        header = "Runs suites on every model of a directory that has not been run yet, and keeps a history.",
        description =
                "A model is a folder with config.json, or a GGUF file. Once, or with --every until Ctrl-C. Exit code 1 where the"
                        + " latest run of some model is broken.",
        footer =
                "  patch guard watch --models merged/ --base default --suite eval/p.yaml --history guard.jsonl --plot guard.svg")
final class GuardWatchCommand extends Subcommand {
    private static final int TICK_MILLISECONDS = 200;

    @Mixin
    GuardSuiteOptions suites;

    @Option(
            names = "--models",
            paramLabel = "DIR",
            required = true,
            description = "where models lie, one beside the other")
    Path models;

    @Option(
            names = "--history",
            paramLabel = "FILE",
            defaultValue = "guard-history.jsonl",
            description = "JSON lines, only added to")
    Path historyFile;

    @Option(names = "--again", description = "run models again that the history has with these suites")
    boolean again;

    @Option(names = "--plot", paramLabel = "FILE", description = "draw the history as SVG")
    Path plot;

    @Option(names = "--every", paramLabel = "SECONDS", description = "look again after so many seconds, until Ctrl-C")
    Integer every;

    GuardWatchCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * What {@code --json} prints.
     *
     * @param added runs of this command
     * @param latest the latest run of every model and suite
     */
    record WatchDocument(String verdict, int added, List<SuiteHistory.Entry> latest, String history) {}

    @Override
    Answer answer() throws IOException {
        List<RegressionSuite> asked = suites.read();
        SuiteHistory history = new SuiteHistory(historyFile);
        int added = 0;
        try (Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            added += round(asked, history);
            while (every != null) {
                rest(every);
                added += round(suites.read(), history);
            }
        } catch (Stopped stopped) {
            detail("stopped; the history has what was run");
        }
        List<SuiteHistory.Entry> entries = history.entries();
        if (plot != null) {
            byte[] svg = plot(entries).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(plot, out -> out.write(svg));
        }
        List<SuiteHistory.Entry> latest = latest(entries);
        boolean passed = latest.stream().allMatch(one -> one.verdict().equals("passed"));
        WatchDocument document = new WatchDocument(passed ? "passed" : "broken", added, latest, historyFile.toString());
        return new Answer(document, () -> text(document), passed ? 0 : 1);
    }

    private int round(List<RegressionSuite> asked, SuiteHistory history) throws IOException {
        int added = 0;
        for (Path model : models()) {
            String digest;
            try (Checkpoint checkpoint = Checkpoint.open(model)) {
                digest = checkpoint.digest();
            }
            List<RegressionSuite> open = asked.stream()
                    .filter(suite -> again || !history.knows(digest, suite.digest()))
                    .toList();
            if (!open.isEmpty()) {
                terminal.interruption().check();
                added += run(model, open, history);
            }
        }
        return added;
    }

    private int run(Path model, List<RegressionSuite> open, SuiteHistory history) {
        Path base = suites.base == null ? null : ModelOptions.resolve("--base", suites.base);
        try (OpenTarget target = OpenTarget.open(
                model, List.of(), base, null, common.threads(), terminal.clock().instant())) {
            for (RegressionSuite suite : open) {
                SuiteHistory.Entry entry = SuiteHistory.Entry.of(
                        new SuiteRunner(terminal.clock(), Progress.UNWATCHED).run(suite, target.target()),
                        terminal.clock().instant().toString());
                history.add(entry);
                remark(entry.model() + ", " + entry.suite() + ": " + entry.verdict());
            }
        }
        return open.size();
    }

    private List<Path> models() throws IOException {
        if (!Files.isDirectory(models)) {
            throw new BadInput("no directory of models", "--models " + models, "a directory", "none", "check the path");
        }
        try (Stream<Path> files = Files.list(models)) {
            return files.filter(file -> Files.exists(file.resolve("config.json"))
                            || file.toString().endsWith(".gguf"))
                    .sorted()
                    .toList();
        }
    }

    /** Waits, and ends at once by Ctrl-C. */
    private void rest(int seconds) {
        long ticks = seconds * 1000L / TICK_MILLISECONDS;
        for (long tick = 0; tick < ticks; tick++) {
            terminal.interruption().check();
            try {
                Thread.sleep(TICK_MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Stopped();
            }
        }
        terminal.interruption().check();
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

    private static String plot(List<SuiteHistory.Entry> entries) {
        List<TrendPlot.Panel> panels = new ArrayList<>();
        List<String> names =
                entries.stream().map(SuiteHistory.Entry::suite).distinct().toList();
        for (String suite : names) {
            List<SuiteHistory.Entry> runs =
                    entries.stream().filter(one -> one.suite().equals(suite)).toList();
            List<String> steps = runs.stream().map(SuiteHistory.Entry::model).toList();
            panels.add(new TrendPlot.Panel(
                    suite + ": share of its cases",
                    steps,
                    List.of(
                            new TrendPlot.Series(
                                    "hold",
                                    runs.stream()
                                            .map(one -> OptionalDouble.of((double) one.holds() / one.cases()))
                                            .toList()),
                            new TrendPlot.Series(
                                    "fail",
                                    runs.stream()
                                            .map(one -> OptionalDouble.of((double) one.fails() / one.cases()))
                                            .toList())),
                    OptionalDouble.empty()));
            panels.add(new TrendPlot.Panel(
                    suite + ": mean KL from the base, nats",
                    steps,
                    List.of(new TrendPlot.Series(
                            "mean KL",
                            runs.stream().map(SuiteHistory.Entry::klMean).toList())),
                    OptionalDouble.empty()));
        }
        return TrendPlot.svg(panels);
    }

    private String text(WatchDocument document) {
        Table table = Table.of("model", "suite", "verdict", "holds>", "tied>", "fails>", "KL>", "seconds>", "time");
        document.latest()
                .forEach(one -> table.row(
                        one.model(),
                        one.suite(),
                        one.verdict(),
                        one.holds() + " of " + one.cases(),
                        one.tied(),
                        one.fails(),
                        one.klMean().isPresent() ? Numbers.size(one.klMean().getAsDouble()) : "",
                        Numbers.decimal(one.seconds(), 1),
                        one.time()));
        return table + "\n\n" + document.added() + " runs added; written: " + document.history()
                + Optional.ofNullable(plot).map(file -> " and " + file).orElse("");
    }
}
