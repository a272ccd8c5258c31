package modelpatch.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.EvaluationCounts;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Rivals;
import modelpatch.locate.Finder;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import modelpatch.locate.LocateOptions;
import modelpatch.report.FindingsView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch find}: the questions whose every fact is known and whose composition fails, and why. */
@Command(
        name = "find",
        header = "Finds the questions where a model knows every fact and fails to compose them, and explains each.",
        description =
                "Asks all single hops and compositions, reads the failures in the logit lens, mediates every attention head, and"
                        + " writes the findings as JSON. Without --facts the embedded model is asked the held-out compositions of its own"
                        + " world. After Ctrl-C what was found so far is written.",
        footer = "  patch find --model model.gguf --facts facts.tsv")
final class FindCommand extends Subcommand {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Option(names = "--all-templates", description = "ask every prompt of the form, not only the primary ones")
    boolean allTemplates;

    @Option(
            names = "--max-mediated",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "mediate only N failing cases on each side of the suite; 0 for all (default: all)")
    Integer maxMediated;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "where the findings go (default: a new file in findings/)",
            showDefaultValue = Visibility.NEVER)
    Path output;

    FindCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * Findings as `--json` prints them: those of the file, and what was asked beside.
     *
     * @param trainedCounts compositions that an embedded model was taught
     * @param bareCounts the known cases without demonstrations; empty where there are none to leave out
     * @param planted the diagnoses against what an embedded model's training withheld
     */
    record FindDocument(
            @JsonUnwrapped Findings findings,
            @JsonProperty("trained_counts") Optional<EvaluationCounts> trainedCounts,
            @JsonProperty("bare_counts") Optional<EvaluationCounts> bareCounts,
            Optional<PlantedTruth> planted,
            String file) {}

    @Override
    Answer answer() {
        Instant start = terminal.clock().instant();
        try (OpenModel opened = model.open(this);
                Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            AskedSuite asked = AskedSuite.of(cases, opened, common.seed);
            Protocol deciding = protocol.deciding(opened.embedded());
            protocol.requireNoLeaks(deciding.fewShot(), cases);
            KnownRule rule = protocol.known(opened.embedded());
            Rivals rivals = deciding.kind() == Protocol.Kind.SCORED ? asked.rivals(common.seed) : Rivals.none();
            SuiteEvaluation asking = new SuiteEvaluation(
                    new Examiner(opened.model(), deciding, opened.model().promptsAtOnce()), rule, allTemplates, rivals);
            Instant loaded = terminal.clock().instant();
            Evaluation evaluation = asking.of(asked.suite(), this, "asking");
            Optional<Evaluation> trained = evaluation.complete()
                    ? asked.trained().map(suite -> asking.of(suite, this, "asking what was taught"))
                    : Optional.empty();
            Optional<Evaluation> bare =
                    evaluation.complete() ? bare(opened, asked, deciding, rivals, evaluation) : Optional.empty();
            Instant evaluated = terminal.clock().instant();
            Findings findings = explain(opened, asked, deciding, evaluation)
                    .withSeconds("loading", seconds(start, loaded))
                    .withSeconds("evaluation", seconds(loaded, evaluated))
                    .withSeconds("all", seconds(start, terminal.clock().instant()))
                    .withAsked(FindingsOptions.askedBy(spec));
            Path file = output == null ? newFile(opened.base().name()) : output;
            FindingsFile.write(file, findings);
            Optional<PlantedTruth> planted = asked.world().map(world -> PlantedTruth.of(findings.failures(), world));
            FindDocument document = new FindDocument(
                    findings, trained.map(Evaluation::counts), bare.map(Evaluation::counts), planted, file.toString());
            return new Answer(
                    document,
                    () -> FindingsView.text(findings, evaluation, trained, bare)
                            + planted.map(truth -> "\n\n" + truth.text()).orElse("")
                            + ending(findings, file),
                    findings.complete() ? 0 : Interruption.EXIT_CODE);
        }
    }

    /** How much of it is the demonstrations' doing: the known cases without them, each question by its primary prompt alone. */
    private Optional<Evaluation> bare(
            OpenModel opened, AskedSuite asked, Protocol deciding, Rivals rivals, Evaluation evaluation) {
        Protocol bare = protocol.bare(opened.embedded());
        if (bare.identity().equals(deciding.identity())) {
            return Optional.empty();
        }
        Set<String> known = evaluation.cases().stream()
                .filter(CaseOutcome::known)
                .map(CaseOutcome::id)
                .collect(Collectors.toSet());
        Examiner examiner = new Examiner(opened.model(), bare, opened.model().promptsAtOnce());
        return Optional.of(new SuiteEvaluation(examiner, KnownRule.PRIMARY, false, rivals)
                .of(asked.suite().only(one -> known.contains(one.id())), this, "asking without demonstrations"));
    }

    private Findings explain(OpenModel opened, AskedSuite asked, Protocol deciding, Evaluation evaluation) {
        LocateOptions options =
                LocateOptions.defaults(common.seed).withMostMediated(maxMediated == null ? 0 : maxMediated);
        Finder finder = new Finder(
                opened.model(), asked.background(), asked.suite(), deciding, evaluation, options, terminal.clock());
        if (evaluation.complete()) {
            detail("explaining: " + evaluation.failures().size() + " failures");
            try (ProgressLine progress = progress("explaining")) {
                finder.run(progress);
            } catch (Interruption.Stopped e) {
                detail("interrupted: writing what was found so far");
            }
        }
        return finder.findings();
    }

    private String ending(Findings findings, Path file) {
        String kept = findings.complete() ? "\n" : "\n\ninterrupted: these are the cases that were reached";
        String next = findings.failures().isEmpty()
                ? "next: patch eval --beside scored,slow, for other protocols"
                : "next: patch apply";
        return kept + "\nwritten: " + file + "; " + next;
    }

    private Path newFile(String modelName) {
        Path directory = FindingsOptions.DIRECTORY;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String stem = modelName.replaceAll("\\.(gguf|safetensors)$", "");
        return directory.resolve(stem + "-" + STAMP.format(terminal.clock().instant()) + ".json");
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }
}
