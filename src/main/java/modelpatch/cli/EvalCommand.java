package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import modelpatch.Versions;
import modelpatch.cases.AskedSuite;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Rivals;
import modelpatch.evaluate.SuiteEvaluation;
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
                        + "were reached are reported.",
        footer = "  patch eval --model model.gguf --facts facts.tsv --output report.json")
final class EvalCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Option(
            names = "--beside",
            paramLabel = "KIND",
            split = ",",
            defaultValue = "scored",
            description =
                    "what is shown beside the deciding protocol: ${COMPLETION-CANDIDATES}; bare is without demonstrations")
    List<Beside> beside;

    @Option(names = "--all-templates", description = "ask every prompt of the form, not only the primary ones")
    boolean allTemplates;

    @Option(names = "--output", paramLabel = "FILE", description = "write the report as JSON")
    Path output;

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
        try (PatchedModel opened = model.open(this);
                Interruption.Scope keeping = terminal.interruption().keepingPartialResults()) {
            List<Evaluation> evaluations =
                    evaluate(opened, QuestionOptions.questions(cases, protocol, model, opened, common.seed, this));
            EvaluationReport report = new EvaluationReport(
                    EvaluationReport.FORMAT,
                    opened.reported(),
                    resolvedOptions(),
                    common.seed,
                    EvaluationReport.versions(Versions.modelpatch(), Versions.engine()),
                    terminal.clock().instant().toString(),
                    evaluations.get(0),
                    evaluations.subList(1, evaluations.size()));
            if (output != null) {
                report.write(output);
            }
            boolean complete = evaluations.stream().allMatch(Evaluation::complete);
            return new Answer(
                    report, () -> EvaluationView.text(report) + next(complete), complete ? 0 : Interruption.EXIT_CODE);
        }
    }

    private String next(boolean complete) {
        String kept = complete ? "" : "\n\ninterrupted: these are the cases that were reached";
        return kept
                + (output == null
                        ? "\n\nnext: patch find, to see why; --output FILE keeps this report"
                        : "\n\nwritten: " + output + "; next: patch find, to see why");
    }

    private List<Evaluation> evaluate(PatchedModel opened, Questions questions) {
        Protocol deciding = questions.deciding();
        Set<Protocol> protocols = new LinkedHashSet<>(List.of(deciding));
        for (Beside other : beside) {
            switch (other) {
                case GENERATED, SCORED, SLOW -> protocols.add(deciding.as(Protocol.Kind.valueOf(other.name())));
                case BARE -> protocols.add(deciding.bare());
                case NONE -> {}
            }
        }
        List<Evaluation> evaluations = new ArrayList<>();
        for (Protocol one : protocols) {
            evaluations.add(evaluate(opened, questions.asked(), one));
            if (!evaluations.get(evaluations.size() - 1).complete()) {
                break;
            }
        }
        return evaluations;
    }

    private Evaluation evaluate(PatchedModel opened, AskedSuite asked, Protocol one) {
        Examiner examiner = new Examiner(opened.model(), one, opened.model().promptsAtOnce());
        return new SuiteEvaluation(
                        examiner,
                        protocol.known(model.embedded()),
                        allTemplates,
                        Rivals.neededBy(one, asked, common.seed),
                        common.seed)
                .of(asked.suite(), one.kind().key(), this);
    }
}
