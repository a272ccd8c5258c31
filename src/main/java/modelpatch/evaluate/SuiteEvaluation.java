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
    /** Cases that are asked before anybody looks how many are known, at least: fewer leave most of a batch of prompts empty. */
    private static final int SMALLEST_CHUNK = 16;

    /**
     * Asks a suite.
     *
     * @param part what the onlooker is told that is being done
     */
    public Evaluation of(CaseSuite suite, String part, Onlooker onlooker) {
        onlooker.detail(part + ": " + suite.cases().size() + " cases");
        List<CaseOutcome> reached = new ArrayList<>();
        boolean complete = ask(suite.cases(), reached, part, onlooker);
        return evaluation(suite, reached, complete);
    }

    /**
     * Asks a suite in the order that the seed draws until enough cases are known, or all are asked. The evaluation ends with the case that
     * makes it enough, so it follows from suite, seed and number alone. Cases are asked in chunks of as many as are wanted known: no more
     * are asked than that beyond the last one.
     *
     * @param wanted known cases, at least 1
     * @param part what the onlooker is told that is being done
     */
    public Evaluation untilKnown(CaseSuite suite, int wanted, String part, Onlooker onlooker) {
        List<CompositionalCase> drawn = suite.drawn(seed);
        int chunk = Math.max(wanted, SMALLEST_CHUNK);
        List<CaseOutcome> reached = new ArrayList<>();
        boolean complete = true;
        for (int from = 0; complete && from < drawn.size() && known(reached) < wanted; from += chunk) {
            List<CompositionalCase> next = drawn.subList(from, Math.min(drawn.size(), from + chunk));
            onlooker.detail(part + ": " + next.size() + " cases; " + known(reached) + " of " + wanted
                    + " known cases found in " + from);
            complete = ask(next, reached, part, onlooker);
        }
        List<CaseOutcome> enough = upToKnown(reached, wanted);
        Set<String> ids = enough.stream().map(CaseOutcome::id).collect(Collectors.toSet());
        return evaluation(suite.only(one -> ids.contains(one.id())), enough, complete || known(enough) == wanted);
    }

    /** The outcomes up to the one that makes so many known, all where none does. */
    private static List<CaseOutcome> upToKnown(List<CaseOutcome> outcomes, int wanted) {
        int known = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            known += outcomes.get(i).known() ? 1 : 0;
            if (known == wanted) {
                return outcomes.subList(0, i + 1);
            }
        }
        return outcomes;
    }

    private static long known(List<CaseOutcome> outcomes) {
        return outcomes.stream().filter(CaseOutcome::known).count();
    }

    /** Whether all cases were reached; those that were are added. */
    private boolean ask(List<CompositionalCase> cases, List<CaseOutcome> reached, String part, Onlooker onlooker) {
        try (Onlooker.Part progress = onlooker.begin(part)) {
            new Evaluator(examiner, rule, allTemplates, rivals).evaluate(cases, reached::add, progress);
            return true;
        } catch (Stopped e) {
            return false;
        }
    }

    private Evaluation evaluation(CaseSuite suite, List<CaseOutcome> reached, boolean complete) {
        ClusterBootstrap bootstrap = new ClusterBootstrap(ClusterBootstrap.DEFAULT_DRAWS, seed);
        Set<String> capped = suite.capped(CaseSuite.USUAL_CAP, seed).cases().stream()
                .map(CompositionalCase::id)
                .collect(Collectors.toSet());
        return Evaluation.of(examiner.protocol(), reached, complete, bootstrap).capped(capped, bootstrap);
    }
}
