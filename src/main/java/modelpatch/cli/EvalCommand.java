package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.Versions;
import modelpatch.evaluate.Evaluate;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.EvaluationDocument;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.KeptPieces;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.guard.PatchedModel;
import modelpatch.report.EvaluationView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch eval}: a suite under one deciding protocol, and others beside it. */
@Command(
        name = "eval",
        header = "Asks a model every case of a suite: which hops it knows, which compositions it gets right.",
        description =
                "With --json, or in the file of --output, the whole report with every reply. After Ctrl-C the cases that "
                        + "were reached are reported, and --resume goes on.",
        footer = "  patch eval --model model.gguf --facts facts.tsv --output report.json")
final class EvalCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    ThinkingOptions thinking;

    @Option(
            names = "--beside",
            paramLabel = "KIND",
            split = ",",
            defaultValue = "scored",
            description =
                    "what is shown beside the deciding protocol: ${COMPLETION-CANDIDATES}; bare is without demonstrations")
    List<Beside> beside;

    @Mixin
    ReportOption report;

    @Mixin
    PiecesOptions pieces;

    @Option(names = "--all-templates", description = "ask every prompt of the form, not only the primary ones")
    boolean allTemplates;

    @Option(names = "--output", paramLabel = "FILE", description = "write the report as JSON")
    Path output;

    @Option(
            names = "--against",
            paramLabel = "FILE",
            description =
                    "compare, case by case, with an earlier report that --output wrote: what became right, and what wrong")
    Path against;

    EvalCommand(Terminal terminal) {
        super(terminal);
    }

    /** What may stand beside the deciding protocol. */
    enum Beside {
        GENERATED,
        SCORED,
        SLOW,
        BARE,
        NONE
    }

    @Override
    Answer answer() {
        if (thinking.asked()) {
            pieces.requireNone("--decouple and --anchor are not done in pieces");
            return thinking.answer(cases, protocol, model, output, this);
        }
        Optional<EvaluationReport> earlier = Optional.ofNullable(against).map(EvaluationReport::read);
        try (PatchedModel opened = model.open(this);
                Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            Questions questions = QuestionOptions.questions(cases, protocol, model, opened, common.seed, this);
            Evaluate.Options options = new Evaluate.Options(
                    beside(questions.deciding()), protocol.known(model.embedded()), allTemplates, common.seed);
            KeptPieces kept = pieces.kept(Evaluate.key(opened.digest(), questions, options), this);
            List<Evaluation> evaluations = evaluate(opened, questions, options, kept);
            EvaluationReport evaluated = new EvaluationReport(
                    EvaluationReport.FORMAT,
                    opened.reported(),
                    resolvedOptions(),
                    common.seed,
                    EvaluationReport.versions(Versions.modelpatch(), Versions.engine()),
                    terminal.clock().instant().toString(),
                    evaluations.get(0),
                    evaluations.subList(1, evaluations.size()));
            if (output != null) {
                evaluated.write(output);
            }
            String title = "What " + opened.reported().name() + " gets right";
            boolean complete = evaluations.stream().allMatch(Evaluation::complete);
            if (complete) {
                kept.forget();
            }
            int exit = complete ? 0 : Interruption.EXIT_CODE;
            if (earlier.isEmpty()) {
                Answer answer = new Answer(evaluated, () -> EvaluationView.text(evaluated) + last(complete), exit)
                        .next(next(complete));
                return report.of(answer, title, questions.deciding().identity());
            }
            EvaluationDocument compared = EvaluationDocument.of(earlier.get(), evaluated);
            Answer answer = new Answer(compared, () -> EvaluationView.text(compared) + last(complete), exit)
                    .next(next(complete));
            return report.of(answer, title, questions.deciding().identity());
        }
    }

    private List<Evaluation> evaluate(
            PatchedModel opened, Questions questions, Evaluate.Options options, KeptPieces kept) {
        return pieces.working(
                kept, opened, model, this, own -> new Evaluate(opened.model(), questions, options, own).run(this));
    }

    private Hint next(boolean complete) {
        return complete ? find() : pieces.again(this);
    }

    private Hint find() {
        return Hint.after(spec, "find").because("to see why");
    }

    private String last(boolean complete) {
        String kept = complete ? "" : "\n\ninterrupted: these are the cases that were reached";
        return kept + (output == null ? "\n\n--output FILE keeps this report" : "\n\nwritten: " + output);
    }

    private List<Protocol> beside(Protocol deciding) {
        List<Protocol> protocols = new ArrayList<>();
        for (Beside other : beside) {
            switch (other) {
                case GENERATED, SCORED, SLOW -> protocols.add(deciding.as(Protocol.Kind.valueOf(other.name())));
                case BARE -> protocols.add(deciding.bare());
                case NONE -> {}
            }
        }
        return protocols;
    }
}
