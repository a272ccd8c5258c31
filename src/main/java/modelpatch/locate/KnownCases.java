package modelpatch.locate;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.Evaluation;

/** The compositions of a suite that were evaluated, with what the model made of them. */
final class KnownCases {
    private final Map<String, CompositionalCase> cases = new TreeMap<>();
    private final Evaluation evaluation;
    private final Form form;

    /** @param form that of the evaluation's protocol */
    KnownCases(CaseSuite suite, Evaluation evaluation, Form form) {
        suite.cases().stream().filter(one -> one.hops().size() > 1).forEach(one -> cases.put(one.id(), one));
        this.evaluation = evaluation;
        this.form = form;
    }

    Evaluation evaluation() {
        return evaluation;
    }

    CompositionalCase get(CaseOutcome outcome) {
        return cases.get(outcome.id());
    }

    /** The composition that decided. */
    Query composition(CompositionalCase one) {
        return MediationPrompts.first(one.compositions(), form);
    }

    /** The guide prompt of {@link #composition}. */
    Query guide(CompositionalCase one) {
        return MediationPrompts.first(one.guides(), form);
    }

    /** All cases whose hops are known, ordered by id. */
    List<CaseOutcome> known() {
        return evaluation.cases().stream()
                .filter(one -> one.known() && cases.containsKey(one.id()))
                .toList();
    }

    /** Right compositions of one side. */
    List<CaseOutcome> composed(SuiteSplit side) {
        return known().stream()
                .filter(one ->
                        one.side().equals(side.key()) && one.composition().right())
                .toList();
    }

    /** Wrong compositions of one side. */
    List<CaseOutcome> failures(SuiteSplit side) {
        return known().stream()
                .filter(one -> one.side().equals(side.key()) && one.failure())
                .toList();
    }

    /** Ids of the cases whose last hop is right on its own, known or not. */
    Set<String> lastHopRight() {
        return evaluation.cases().stream()
                .filter(CaseOutcome::lastHopRight)
                .map(CaseOutcome::id)
                .collect(Collectors.toSet());
    }
}
