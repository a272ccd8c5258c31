package modelpatch.repair;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Forecast;
import modelpatch.edit.Method;
import modelpatch.evaluate.Progress;

/**
 * Chooses a plan on choose cases and validation templates: every candidate is first scored by prediction alone, the best few are then tried
 * and judged. What won and what lost is the result.
 */
final class Search {
    private static final int PREDICTED_ON = 3;

    /** What a trial costs beside a forecast, roughly; for progress alone. */
    private static final int TRIAL = 20;

    private final Patcher patcher;
    private final Forecast forecast;
    private final int finalists;

    /**
     * Looks for the best plan: all are forecast, the likeliest are made and judged.
     *
     * @param patcher tries plans
     * @param forecast predicts them
     * @param finalists how many plans are tried
     */
    Search(Patcher patcher, Forecast forecast, int finalists) {
        this.patcher = patcher;
        this.forecast = forecast;
        this.finalists = finalists;
    }

    /**
     * Ranks plans.
     *
     * @param candidates in order of preference where nothing else decides
     * @param cases failures of the choose side
     * @param jointly whether the cases are edited together, as one patch
     * @param progress counts plans
     * @return tried plans first, best first, then the others by prediction
     * @throws BadInput where no plan can be solved at all
     */
    List<RankedPlan> rank(
            List<EditPlan> candidates, List<CompositionalCase> cases, boolean jointly, Progress progress) {
        List<RankedPlan> predicted = new ArrayList<>();
        int steps = candidates.size() + TRIAL * Math.min(finalists, candidates.size());
        for (EditPlan plan : candidates) {
            progress.at(predicted.size(), steps);
            predicted.add(predict(plan, cases.subList(0, Math.min(PREDICTED_ON, cases.size()))));
        }
        List<RankedPlan> order = new ArrayList<>(predicted);
        order.sort(Comparator.comparing((RankedPlan one) -> one.forecast().isEmpty())
                .thenComparing(Comparator.comparingDouble((RankedPlan one) ->
                                one.forecast().map(Forecast.Prediction::merit).orElse(0.0))
                        .reversed()));
        List<RankedPlan> tried = new ArrayList<>();
        List<RankedPlan> rest = new ArrayList<>();
        Set<RankedPlan> finals = finalists(order);
        for (RankedPlan one : order) {
            if (finals.contains(one)) {
                progress.at(predicted.size() + TRIAL * tried.size(), steps);
                tried.add(attempt(one, cases, jointly));
            } else {
                rest.add(one);
            }
        }
        progress.at(steps, steps);
        tried.sort(Comparator.comparing((RankedPlan one) -> one.score().isEmpty())
                .thenComparing(one -> one.score().orElse(null), Comparator.nullsLast(PlanScore.BEST_FIRST)));
        if (tried.isEmpty() || tried.get(0).score().isEmpty()) {
            throw BadInput.of(
                    "edit",
                    "no plan could be solved; the first said: "
                            + predicted.get(0).refusal().orElse("nothing"));
        }
        List<RankedPlan> all = new ArrayList<>(tried);
        all.addAll(rest);
        return List.copyOf(all);
    }

    /** Everything of a plan but its sites. */
    private record Weights(Method method, EditedMatrix matrix, double lambda, double hold) {
        static Weights of(EditPlan plan) {
            return new Weights(plan.method(), plan.matrix(), plan.lambda(), plan.hold());
        }
    }

    /** By turns the best predicted sites for each method and its weights: what is predicted compares sites better than methods or weights. */
    private Set<RankedPlan> finalists(List<RankedPlan> order) {
        Map<Weights, Deque<RankedPlan>> bySites = new LinkedHashMap<>();
        order.stream()
                .filter(one -> one.refusal().isEmpty())
                .forEach(one -> bySites.computeIfAbsent(Weights.of(one.plan()), weights -> new ArrayDeque<>())
                        .add(one));
        Set<RankedPlan> finals = new LinkedHashSet<>();
        while (finals.size() < finalists && bySites.values().stream().anyMatch(left -> !left.isEmpty())) {
            for (Deque<RankedPlan> left : bySites.values()) {
                if (!left.isEmpty() && finals.size() < finalists) {
                    finals.add(left.pop());
                }
            }
        }
        return finals;
    }

    private RankedPlan predict(EditPlan plan, List<CompositionalCase> cases) {
        try {
            return new RankedPlan(plan, Optional.of(forecast.of(plan, cases)), Optional.empty(), Optional.empty());
        } catch (BadInput unstable) {
            return new RankedPlan(plan, Optional.empty(), Optional.empty(), Optional.of(unstable.getMessage()));
        }
    }

    private RankedPlan attempt(RankedPlan one, List<CompositionalCase> cases, boolean jointly) {
        try {
            PlanScore score = patcher.trial(cases, one.plan(), jointly);
            return new RankedPlan(one.plan(), one.forecast(), Optional.of(score), Optional.empty());
        } catch (BadInput unstable) {
            return new RankedPlan(one.plan(), one.forecast(), Optional.empty(), Optional.of(unstable.getMessage()));
        }
    }
}
