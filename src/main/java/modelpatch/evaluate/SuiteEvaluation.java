package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;

/**
 * Suites asked of one model under one protocol, counted with intervals; after an interruption the cases that were reached.
 *
 * @param examiner asks the model and remembers the replies
 * @param rule when a hop counts as known
 * @param allTemplates whether compositions are asked in every prompt of the form
 * @param rivals needed by the scored protocol
 * @param seed of the bootstraps, and of what the cap keeps
 */
public record SuiteEvaluation(Examiner examiner, KnownRule rule, boolean allTemplates, Rivals rivals, long seed) {

    /**
     * Asks a suite.
     *
     * @param part what the onlooker is told that is being done
     */
    public Evaluation of(CaseSuite suite, String part, Onlooker onlooker) {
        Evaluator evaluator = new Evaluator(examiner, rule, allTemplates, rivals);
        onlooker.detail(part + ": " + suite.cases().size() + " cases");
        List<CaseOutcome> reached = new ArrayList<>();
        boolean complete = true;
        try (Onlooker.Part progress = onlooker.begin(part)) {
            evaluator.evaluate(suite.cases(), reached::add, progress);
        } catch (Stopped e) {
            complete = false;
        }
        ClusterBootstrap bootstrap = new ClusterBootstrap(ClusterBootstrap.DEFAULT_DRAWS, seed);
        Set<String> capped = suite.capped(CaseSuite.USUAL_CAP, seed).cases().stream()
                .map(CompositionalCase::id)
                .collect(Collectors.toSet());
        return Evaluation.of(examiner.protocol(), reached, complete, bootstrap).capped(capped, bootstrap);
    }
}
