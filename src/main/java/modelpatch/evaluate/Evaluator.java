package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;

/**
 * Asks a model every case of a suite: its compositions and its single hops. Questions that several cases share are asked once.
 */
final class Evaluator {
    private final Examiner examiner;
    private final KnownRule rule;
    private final boolean allTemplates;
    private final Rivals rivals;

    /**
     * An evaluator of one model under one protocol.
     *
     * @param examiner asks the model, and remembers what it answered
     * @param rule when a hop counts as known
     * @param allTemplates whether to ask every prompt of the protocol's form, or only the primary ones; where the rule needs all prompts of
     *     the hops, those are asked in any case
     * @param rivals needed by the scored protocol
     */
    Evaluator(Examiner examiner, KnownRule rule, boolean allTemplates, Rivals rivals) {
        this.examiner = examiner;
        this.rule = rule;
        this.allTemplates = allTemplates;
        this.rivals = rivals;
    }

    /**
     * Asks all cases.
     *
     * @param sink is handed each case as soon as all its questions are answered, in the order of the cases
     * @param progress counts distinct questions; may end the evaluation by throwing
     * @return the outcomes, in the order of the cases
     * @throws BadInput where a case has no prompt of the protocol's form
     */
    List<CaseOutcome> evaluate(List<CompositionalCase> cases, Consumer<CaseOutcome> sink, Progress progress) {
        List<Plan> plans = cases.stream().map(this::plan).toList();
        Set<Question> distinct = new LinkedHashSet<>();
        plans.forEach(plan -> distinct.addAll(plan.all()));
        List<Question> missing =
                distinct.stream().filter(question -> !examiner.knows(question)).toList();
        int done = distinct.size() - missing.size();
        List<CaseOutcome> outcomes = new ArrayList<>();
        handOut(plans, outcomes, sink);
        progress.at(done, distinct.size());
        examiner.ahead(missing);
        for (int from = 0; from < missing.size(); from += examiner.batchSize()) {
            int to = Math.min(missing.size(), from + examiner.batchSize());
            examiner.ask(missing.subList(from, to));
            handOut(plans, outcomes, sink);
            progress.at(done + to, distinct.size());
        }
        return List.copyOf(outcomes);
    }

    private void handOut(List<Plan> plans, List<CaseOutcome> outcomes, Consumer<CaseOutcome> sink) {
        while (outcomes.size() < plans.size()
                && plans.get(outcomes.size()).all().stream().allMatch(examiner::knows)) {
            CaseOutcome outcome = outcome(plans.get(outcomes.size()));
            outcomes.add(outcome);
            sink.accept(outcome);
        }
    }

    /**
     * The questions of a case, primary first.
     *
     * @param hops [hop][prompt]
     */
    private record Plan(CompositionalCase asked, List<Question> compositions, List<List<Question>> hops) {
        List<Question> all() {
            return Stream.concat(compositions.stream(), hops.stream().flatMap(List::stream))
                    .toList();
        }
    }

    private Plan plan(CompositionalCase one) {
        Form form = examiner.protocol().form();
        List<Query> steps = one.singleHops().stream()
                .map(prompts -> ofForm(prompts, form, one).get(0))
                .toList();
        List<Question> compositions = questions(
                        one.compositions(), one, one.hops().size() - 1, allTemplates)
                .stream()
                .map(question -> question.withHops(steps))
                .toList();
        List<List<Question>> hops = IntStream.range(0, one.hops().size())
                .mapToObj(hop ->
                        questions(one.singleHops().get(hop), one, hop, allTemplates || rule == KnownRule.ALL_TEMPLATES))
                .toList();
        return new Plan(one, compositions, hops);
    }

    private List<Question> questions(List<Query> queries, CompositionalCase one, int hop, boolean all) {
        return ofForm(queries, examiner.protocol().form(), one).stream()
                .limit(all ? Long.MAX_VALUE : 1)
                .map(query -> rivals.joinedTo(
                        Question.of(query, one.hops().get(hop).answers()),
                        one.hops().get(hop)))
                .toList();
    }

    private static List<Query> ofForm(List<Query> queries, Form form, CompositionalCase one) {
        List<Query> fitting =
                queries.stream().filter(query -> query.form() == form).toList();
        if (fitting.isEmpty()) {
            throw new BadInput(
                    "no prompt of the protocol's form",
                    "case " + one.id(),
                    "at least one " + form.key() + " for each hop and for the composition",
                    "none",
                    "add templates of this form, or ask in the other one (--form)");
        }
        return fitting;
    }

    private CaseOutcome outcome(Plan plan) {
        List<Reply> compositions = examiner.ask(plan.compositions());
        List<List<Reply>> hops = plan.hops().stream().map(examiner::ask).toList();
        List<Tally> hopTallies = hops.stream().map(Evaluator::tally).toList();
        boolean known = rule == KnownRule.ALL_TEMPLATES
                ? CaseOutcome.onAll(hopTallies)
                : hops.stream().allMatch(replies -> replies.get(0).right());
        return new CaseOutcome(
                plan.asked().id(),
                plan.asked().split().key(),
                plan.asked().bridge(),
                plan.asked().answer(),
                compositions.get(0),
                hops.stream().map(replies -> replies.get(0)).toList(),
                tally(compositions),
                hopTallies,
                known);
    }

    private static Tally tally(List<Reply> replies) {
        return Tally.pool(replies.stream().map(reply -> Tally.of(reply.right())).toList());
    }
}
