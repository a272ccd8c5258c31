package modelpatch.repair;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Query;
import modelpatch.edit.EditPlan;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Reply;
import modelpatch.guard.PatchedModel;

/**
 * The use case {@code patch apply --fact}: teaches facts that a model does not know, all by one patch, through the gates, the patch file and the
 * ledger of a repair. Other facts of the same relations and subjects must stay. The model is never changed.
 */
public final class Teaching {
    private final PatchedModel model;
    private final Questions questions;
    private final List<Fact> facts;
    private final RepairOptions options;
    private final Surroundings around;
    private final Clock clock;

    /**
     * A use case that has done nothing yet.
     *
     * @param questions single facts, those that are taught and those that must stay
     * @param facts to be taught
     * @param clock times the work and dates the patch
     */
    public Teaching(
            PatchedModel model,
            Questions questions,
            List<Fact> facts,
            RepairOptions options,
            Surroundings around,
            Clock clock) {
        this.model = model;
        this.questions = questions;
        this.facts = List.copyOf(facts);
        this.options = options;
        this.around = around;
        this.clock = clock;
    }

    /**
     * Teaches what is not known, and writes the patch where its gates hold.
     *
     * @throws BadInput where a fact makes no question, or the method teaches none
     */
    public TeachingDocument run(Authorship by, Onlooker onlooker) {
        Instant start = clock.instant();
        EditPlan plan = options.wishes().teaching(model.base());
        List<CompositionalCase> named =
                facts.stream().map(this::asked).distinct().toList();
        Map<CompositionalCase, Reply> now = replies(named);
        List<CompositionalCase> open =
                named.stream().filter(one -> !now.get(one).right()).toList();
        List<TeachingDocument.Lesson> known = named.stream()
                .filter(one -> now.get(one).right())
                .map(one -> lesson(one, now.get(one).predicted(), Optional.empty()))
                .toList();
        if (open.isEmpty()) {
            return new TeachingDocument(Optional.empty(), List.of(), known);
        }
        try (Onlooker.Part moments = onlooker.begin("second moments")) {
            Setup setup =
                    Setup.of(model, questions, Optional.empty(), Map.of(), options.seed(), options, around, moments);
            Repaired taught = setup.patcher().result(open, plan);
            Map<String, Double> seconds = new LinkedHashMap<>();
            seconds.put("edit", Duration.between(start, clock.instant()).toMillis() / 1e3);
            Reporter reporter = new Reporter(
                    model,
                    setup,
                    open.size(),
                    new PlanChoice(List.of(plan), List.of()),
                    List.of(),
                    Optional.of(by),
                    seconds,
                    clock);
            Set<String> ids = open.stream().map(CompositionalCase::id).collect(Collectors.toSet());
            return new TeachingDocument(
                    Optional.of(reporter.document(List.of(taught), ids, Map.of())), lessons(open, taught), known);
        }
    }

    /** The case of a fact. */
    private CompositionalCase asked(Fact fact) {
        return questions.asked().suite().cases().stream()
                .filter(one ->
                        one.subject().equals(fact.subject()) && one.relations().equals(List.of(fact.relation())))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "a fact that cannot be asked for",
                        TeachingDocument.text(fact),
                        "an object that none of the relation's sentences gives away",
                        fact.object() + " can be read in a sentence about " + fact.subject(),
                        "teach another fact"));
    }

    private Map<CompositionalCase, Reply> replies(List<CompositionalCase> cases) {
        Examiner examiner = new Examiner(model.model(), questions.deciding(), Examiner.DEFAULT_BATCH);
        List<Reply> replies = examiner.ask(cases.stream()
                .map(one -> Question.of(primary(one), one.answers()))
                .toList());
        Map<CompositionalCase, Reply> by = new LinkedHashMap<>();
        for (int i = 0; i < replies.size(); i++) {
            by.put(cases.get(i), replies.get(i));
        }
        return by;
    }

    private Query primary(CompositionalCase one) {
        return Query.first(one.compositions(), questions.deciding().form()).orElse(one.primary());
    }

    private List<TeachingDocument.Lesson> lessons(List<CompositionalCase> open, Repaired taught) {
        List<TeachingDocument.Lesson> lessons = new ArrayList<>();
        for (PairedEvaluation.Item item : taught.judgement().evaluation().items()) {
            if (item.probe().set() == EditSet.CORRECTION) {
                open.stream()
                        .filter(one -> one.id().equals(item.probe().edited()))
                        .forEach(one -> lessons.add(lesson(
                                one,
                                item.before().predicted(),
                                Optional.of(item.after().predicted()))));
            }
        }
        return lessons;
    }

    private TeachingDocument.Lesson lesson(CompositionalCase one, String before, Optional<String> after) {
        return new TeachingDocument.Lesson(
                one.id(), TeachingDocument.text(one.lastHop()), primary(one).prompt(), before, after);
    }
}
