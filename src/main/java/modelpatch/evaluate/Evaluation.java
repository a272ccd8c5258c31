package modelpatch.evaluate;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import modelpatch.cases.CompositionalCase;

/**
 * A suite, or the part of it that was reached, under one protocol.
 *
 * @param protocol identity of the protocol
 * @param complete false where the evaluation was interrupted
 * @param counts over all cases
 * @param capped over the cases that are left where no answer fills too large a share; empty where no cap was asked for
 * @param cases ordered by id
 */
public record Evaluation(
        String protocol,
        boolean complete,
        EvaluationCounts counts,
        Optional<EvaluationCounts> capped,
        List<CaseOutcome> cases) {
    public Evaluation {
        cases = cases.stream().sorted(Comparator.comparing(CaseOutcome::id)).toList();
    }

    /** Counts what an evaluator handed out. */
    public static Evaluation of(
            Protocol protocol, Collection<CaseOutcome> outcomes, boolean complete, ClusterBootstrap bootstrap) {
        return new Evaluation(
                protocol.identity(),
                complete,
                EvaluationCounts.of(outcomes, bootstrap),
                Optional.empty(),
                List.copyOf(outcomes));
    }

    /** The same with the counts of a part of its cases beside. */
    public Evaluation capped(Set<String> ids, ClusterBootstrap bootstrap) {
        List<CaseOutcome> kept =
                cases.stream().filter(one -> ids.contains(one.id())).toList();
        return new Evaluation(protocol, complete, counts, Optional.of(EvaluationCounts.of(kept, bootstrap)), cases);
    }

    /** The known cases whose composition is wrong. */
    public List<CaseOutcome> failures() {
        return cases.stream().filter(CaseOutcome::failure).toList();
    }

    /** Whether the last hop of a case is right here on its primary prompt; false for a case that was not asked. */
    Predicate<CompositionalCase> knowsLastHop() {
        Set<String> known = cases.stream()
                .filter(CaseOutcome::lastHopRight)
                .map(CaseOutcome::id)
                .collect(Collectors.toSet());
        return one -> known.contains(one.id());
    }

    public Optional<CaseOutcome> find(String id) {
        return cases.stream().filter(one -> one.id().equals(id)).findFirst();
    }
}
