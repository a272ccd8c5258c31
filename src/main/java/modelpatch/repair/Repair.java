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
import java.util.SplittableRandom;
import java.util.function.Supplier;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;

/**
 * The use case {@code patch apply}: repairs failures that were found by a small weight patch, and proves before and after. One failure gets
 * its own patch, several get one together; a study gives each its own and writes none. The model is never changed.
 */
public final class Repair {
    private final Task task;
    private final RepairOptions options;
    private final Surroundings around;
    private final Clock clock;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /**
     * What there is to repair.
     *
     * @param model with the patches that a new one is made on top of; stays the caller's
     * @param questions the cases that the findings speak of, and the protocol under which they were found
     * @param findings what was found on the model's base
     * @param source where the findings lie, for messages
     */
    public record Task(PatchedModel model, Questions questions, Findings findings, String source) {
        /** Findings that lie nowhere yet. */
        public Task(PatchedModel model, Questions questions, Findings findings) {
            this(model, questions, findings, "the findings");
        }
    }

    /**
     * A use case that has done nothing yet.
     *
     * @param clock times the work and dates the patch
     */
    public Repair(Task task, RepairOptions options, Surroundings around, Clock clock) {
        this.task = task;
        this.options = options;
        this.around = around;
        this.clock = clock;
    }

    /**
     * Repairs, and writes the patch where its gates hold; a study writes none.
     *
     * @param by who writes the patch, and where
     * @throws BadInput where the findings are of another suite or protocol, no failure can be helped, or no plan has a stable solution
     */
    public RepairDocument run(Authorship by, Onlooker onlooker) {
        try (Onlooker.Part moments = onlooker.begin("second moments")) {
            Setup setup = timed("setup", () -> Setup.of(task, options, around, moments));
            List<RepairDocument.LeftOutCase> leftOut = new ArrayList<>();
            List<CompositionalCase> eligible = eligible(setup, leftOut);
            if (eligible.isEmpty()) {
                throw new BadInput(
                        "nothing to repair",
                        task.source(),
                        "a failure that an edit can help" + (options.each() ? ", on the report side" : ""),
                        task.findings().failures().size() + " failures, none eligible",
                        "see `patch find`");
            }
            boolean jointly = !options.each() && eligible.size() > 1;
            PlanChoice choice = timed(
                    "search",
                    () -> PlanChoice.of(setup, options, around, task.source(), eligible.size(), jointly, onlooker));
            Set<String> reported = jointly && !options.ids().isEmpty() ? Set.copyOf(options.ids()) : setup.reportIds();
            List<Repaired> repairs = jointly
                    ? together(setup, eligible, choice, reported, leftOut, onlooker)
                    : alone(setup, eligible, choice, leftOut, onlooker);
            repairs.forEach(one -> onlooker.detail(Numbers.format(
                    "a patch changes %d tensors, %.1f MB beside the model",
                    one.footprint().tensors().size(), one.footprint().bytes() / 1e6)));
            Reporter reporter = new Reporter(
                    task.model(),
                    setup,
                    eligible.size(),
                    choice,
                    leftOut,
                    options.each() ? Optional.empty() : Optional.of(by),
                    seconds,
                    clock);
            return reporter.document(repairs, reported, controls(setup, repairs, onlooker));
        }
    }

    private List<CompositionalCase> eligible(Setup setup, List<RepairDocument.LeftOutCase> excluded) {
        List<String> ids = options.ids();
        List<CompositionalCase> eligible = new ArrayList<>();
        for (FailureFinding failure : FoundCases.chosen(task, ids)) {
            Optional<String> objection = Eligibility.objection(failure);
            if (objection.isPresent() && ids.isEmpty()) {
                excluded.add(new RepairDocument.LeftOutCase(failure.id(), objection.get()));
            } else {
                eligible.add(setup.find(failure.id()));
            }
        }
        return options.most().isEmpty()
                ? eligible
                : SeededOrder.shuffled(eligible, options.most().getAsInt(), new SplittableRandom(options.seed()));
    }

    /** One patch for many cases. */
    private List<Repaired> together(
            Setup setup,
            List<CompositionalCase> eligible,
            PlanChoice choice,
            Set<String> reported,
            List<RepairDocument.LeftOutCase> leftOut,
            Onlooker onlooker) {
        List<CompositionalCase> order = SeededOrder.shuffled(eligible, new SplittableRandom(options.seed()));
        Patcher.Together together;
        try (Onlooker.Part progress = onlooker.begin("cases")) {
            together = timed(
                    "edit", () -> setup.patcher().together(order, choice.plans().get(0), reported, progress));
        }
        leftOut.addAll(together.leftOut());
        return together.repair().stream().toList();
    }

    /** Every case its own patch. */
    private List<Repaired> alone(
            Setup setup,
            List<CompositionalCase> eligible,
            PlanChoice choice,
            List<RepairDocument.LeftOutCase> leftOut,
            Onlooker onlooker) {
        List<Repaired> repairs = new ArrayList<>();
        try (Onlooker.Part progress = onlooker.begin("cases")) {
            for (CompositionalCase one : eligible) {
                progress.at(repairs.size(), eligible.size());
                try {
                    repairs.add(timed("edit", () -> setup.patcher().one(one, choice.plans())));
                } catch (BadInput unstable) {
                    // in a study one case without a stable solution is a result; on its own it is the user's to correct
                    if (!options.each()) {
                        throw unstable;
                    }
                    leftOut.add(new RepairDocument.LeftOutCase(one.id(), unstable.getMessage()));
                }
            }
        }
        return repairs;
    }

    /** The controls by name; none where they were not asked for. */
    private Map<String, Map<EditSet, SetOutcome>> controls(Setup setup, List<Repaired> repairs, Onlooker onlooker) {
        if (!options.controls() || repairs.isEmpty()) {
            return Map.of();
        }
        Controls.Tables tables;
        try (Onlooker.Part progress = onlooker.begin("controls")) {
            tables = timed("controls", () -> setup.controls().of(repairs, progress));
        }
        Map<String, Map<EditSet, SetOutcome>> named = new LinkedHashMap<>();
        tables.unlocated().ifPresent(table -> named.put("unlocated", table.sets()));
        tables.rescaled().ifPresent(table -> named.put("unlocated_rescaled", table.sets()));
        tables.wrongBridge().ifPresent(table -> named.put("wrong_bridge", table.sets()));
        return named;
    }

    private <T> T timed(String part, Supplier<T> work) {
        Instant start = clock.instant();
        T result = work.get();
        double spent = Duration.between(start, clock.instant()).toMillis() / 1e3;
        seconds.merge(part, spent, Double::sum);
        return result;
    }
}
