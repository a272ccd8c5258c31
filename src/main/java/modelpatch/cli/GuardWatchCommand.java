package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.evaluate.Crew;
import modelpatch.guard.SuiteHistory;
import modelpatch.guard.Watch;
import modelpatch.guard.WatchDocument;
import modelpatch.report.GuardView;
import modelpatch.report.HistoryPlot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard watch}: suites against a directory of models. */
@Command(
        name = "watch",
        header = "Runs suites on every model of a directory that has not been run yet, and keeps a history.",
        description =
                "A model is a folder with config.json, or a GGUF file. Once, or with --every until Ctrl-C. Exit code 1 where the"
                        + " latest run of some model is broken. What was run before an end of any kind is not run again.",
        footer =
                "  patch guard watch --models merged/ --base default --suite eval/p.yaml --history guard.jsonl --plot guard.svg")
final class GuardWatchCommand extends Subcommand {

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

    @Mixin
    ReportOption report;

    @Mixin
    ClusterOptions cluster;

    GuardWatchCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        SuiteHistory history = new SuiteHistory(historyFile);
        Watch.Options options = new Watch.Options(
                models,
                suites.files(),
                Optional.ofNullable(suites.base).map(base -> ModelOptions.resolve("--base", base)),
                again,
                common.threads());
        try (Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            WatchDocument seen = watch(options, history);
            if (plot != null) {
                byte[] svg = HistoryPlot.svg(history.entries()).getBytes(StandardCharsets.UTF_8);
                AtomicFile.write(plot, out -> out.write(svg));
            }
            Answer answer = new Answer(
                    seen, () -> GuardView.text(seen) + (plot == null ? "" : " and " + plot), seen.passed() ? 0 : 1);
            return report.of(
                    answer,
                    "Suites over the models of " + models,
                    historyFile.getFileName().toString(),
                    page -> page.figure("history", "Every run of the history", HistoryPlot.svg(history.entries())));
        }
    }

    private WatchDocument watch(Watch.Options options, SuiteHistory history) {
        Optional<Duration> rest = Optional.ofNullable(every).map(Duration::ofSeconds);
        if (!cluster.asked()) {
            return new Watch(options, history, terminal.clock()).run(rest, this);
        }
        try (Crew crew = cluster.crew(Watch.memory(options), this)) {
            return new Watch(options, history, terminal.clock(), Optional.of(crew)).run(rest, this);
        }
    }
}
