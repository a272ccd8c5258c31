package modelpatch.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.KeptPieces;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.Find;
import modelpatch.locate.FindDocument;
import modelpatch.locate.Findings;
import modelpatch.locate.LocateOptions;
import modelpatch.remedy.Advice;
import modelpatch.report.AdviceView;
import modelpatch.report.FindingsPage;
import modelpatch.report.FindingsTables;
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
                        + " world. After Ctrl-C what was found so far is written, and --resume goes on.",
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

    @Mixin
    ReportOption report;

    @Option(names = "--all-templates", description = "ask every prompt of the form, not only the primary ones")
    boolean allTemplates;

    @Option(
            names = "--max-mediated",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "mediate only N failing cases on each side of the suite; 0 for all (default: all)")
    Integer maxMediated;

    @Option(
            names = "--csv",
            paramLabel = "DIR",
            description = "also write the findings as tables, one observation a row (docs/formats/tables.md)")
    Path csv;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "where the findings go (default: a new file in findings/)",
            showDefaultValue = Visibility.NEVER)
    Path output;

    @Mixin
    PiecesOptions pieces;

    FindCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        Instant begun = terminal.clock().instant();
        try (PatchedModel opened = model.open(this);
                Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            Questions questions = QuestionOptions.every(cases, protocol, model, opened, common.seed, this);
            Find.Options options = new Find.Options(
                    protocol.known(model.embedded()),
                    allTemplates,
                    cases.most(),
                    Optional.of(questions.deciding().bare()),
                    LocateOptions.defaults(common.seed).withMostMediated(maxMediated == null ? 0 : maxMediated));
            KeptPieces kept = pieces.kept(Find.key(opened.digest(), questions, options), this);
            FindDocument found = find(opened, questions, options, begun, kept)
                    .askedBy(FindingsOptions.askedBy(spec))
                    .writtenTo(output == null ? newFile(opened.base().name()) : output);
            if (found.findings().complete()) {
                kept.forget();
            }
            if (csv != null) {
                FindingsTables.write(found.findings(), csv);
            }
            List<Advice> advice = Advice.of(found.findings());
            int missing = found.findings().counts().cases()
                    - found.findings().counts().known();
            String file = found.file().orElseThrow();
            Answer answer = new Answer(
                            new AdvisedDocument(found, advice),
                            () -> FindingsView.text(found)
                                    + (advice.isEmpty() ? "" : AdviceView.text(advice, missing))
                                    + ending(found.findings(), file),
                            found.findings().complete() ? 0 : Interruption.EXIT_CODE)
                    .next(next(found.findings(), file));
            return report.directory == null
                    ? answer
                    : report.written(
                            answer,
                            FindingsPage.of(found.findings(), answer.text().get()));
        }
    }

    private FindDocument find(
            PatchedModel opened, Questions questions, Find.Options options, Instant begun, KeptPieces kept) {
        return pieces.working(
                kept,
                opened,
                model,
                this,
                own -> new Find(opened.model(), questions, options, terminal.clock(), begun, own).run(this));
    }

    /** What was found. Its JSON has the fields of that document, then what to try. */
    record AdvisedDocument(@JsonUnwrapped FindDocument found, List<Advice> advice) {}

    private String ending(Findings findings, String file) {
        String kept = findings.complete() ? "\n" : "\n\ninterrupted: these are the cases that were reached";
        return kept + "\nwritten: " + file;
    }

    private Hint[] next(Findings findings, String file) {
        if (!findings.complete()) {
            return new Hint[] {pieces.again(this)};
        }
        if (findings.failures().isEmpty()) {
            return new Hint[] {
                Hint.after(spec, "eval").with("--beside", "scored,slow").because("other protocols")
            };
        }
        Hint show = Hint.of("show").with("--case", findings.example().id()).on(file);
        return findings.repairable()
                ? new Hint[] {
                    show,
                    Hint.of("apply").with("--findings", file).because("a permanent patch"),
                    Hint.of("compare").with("--findings", file).because("every remedy beside the others")
                }
                : new Hint[] {show};
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
}
