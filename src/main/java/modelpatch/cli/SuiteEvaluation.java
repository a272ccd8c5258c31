package modelpatch.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Evaluator;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Rivals;

/**
 * One suite asked under one protocol, with progress; after Ctrl-C the cases that were reached.
 *
 * @param examiner asks the model and remembers the replies
 * @param rule when a hop counts as known
 * @param allTemplates whether compositions are asked in every prompt of the form
 * @param rivals needed by the scored protocol
 */
record SuiteEvaluation(Examiner examiner, KnownRule rule, boolean allTemplates, Rivals rivals) {

    Evaluation of(CaseSuite suite, Subcommand command, String task) {
        Protocol protocol = examiner.protocol();
        Evaluator evaluator = new Evaluator(examiner, rule, allTemplates, rivals);
        command.detail(task + ": " + suite.cases().size() + " cases");
        List<CaseOutcome> reached = new ArrayList<>();
        boolean complete = true;
        try (ProgressLine progress = command.progress(task)) {
            evaluator.evaluate(suite.cases(), reached::add, progress);
        } catch (Interruption.Stopped e) {
            complete = false;
        }
        long seed = command.common.seed;
        ClusterBootstrap bootstrap = new ClusterBootstrap(ClusterBootstrap.DEFAULT_DRAWS, seed);
        Set<String> capped = suite.capped(CaseOptions.CAP, seed).cases().stream()
                .map(CompositionalCase::id)
                .collect(Collectors.toSet());
        return Evaluation.of(protocol, reached, complete, bootstrap).capped(capped, bootstrap);
    }
}
