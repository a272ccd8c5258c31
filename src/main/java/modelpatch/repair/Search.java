package modelpatch.repair;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.cases.CompositionalCase;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Forecast;
import modelpatch.edit.Method;
import modelpatch.evaluate.Onlooker;

/**
 * Chooses a plan on choose cases and validation templates: every candidate is first scored by prediction alone, the best few are then tried
 * and judged, in heats: all of them on a few cases, the better ones on more, the best on all. What won and what lost is the result.
 */
final class Search {
    private static final int PREDICTED_ON = 3;

    /** What a trial on one case costs beside a forecast, roughly; for progress alone. */
    private static final int TRIAL = 4;

    private final Patcher patcher;
    private final Forecast forecast;
    private final int finalists;
    private final SearchNotes notes;

    /**
     * Looks for the best plan: all are forecast, the likeliest are made and judged.
     *
     * @param patcher tries plans
     * @param forecast predicts them
     * @param finalists how many plans are tried
     * @param notes what an interrupted search has seen already, and what this one sees
     */
    Search(Patcher patcher, Forecast forecast, int finalists, SearchNotes notes) {
        this.patcher = patcher;
        this.forecast = forecast;
        this.finalists = finalists;
        this.notes = notes;
    }

    /**
     * Some plans are tried on some cases.
     *
     * @param cases the first so many of all
     * @param plans the best so many of the heat before
     */
    record Heat(int cases, int plans) {}

    /** A fifth of the cases tells the worst plans, half of them the good ones; only two see them all. Few cases, or one patch for all: one heat. */
    static List<Heat> heats(int cases, int plans, boolean jointly) {
        List<Heat> heats = new ArrayList<>();
        if (!jointly && cases >= 4 && plans >= 4) {
            heats.add(new Heat((cases + 4) / 5, plans));
            heats.add(new Heat((cases + 1) / 2, (2 * plans + 4) / 5));
            heats.add(new Heat(cases, 2));
        } else {
            heats.add(new Heat(cases, plans));
        }
        return List.copyOf(heats);
    }

    /**
     * Ranks plans.
     *
     * @param candidates in order of preference where nothing else decides
     * @param cases failures of the choose side
     * @param jointly whether the cases are edited together, as one patch
     * @param progress counts plans, and says what is tried
     * @return tried plans first, those that came farther before others, best first; then the untried by prediction
     * @throws BadInput where no plan can be solved at all
     */
    List<RankedPlan> rank(
            List<EditPlan> candidates, List<CompositionalCase> cases, boolean jointly, Onlooker.Part progress) {
        List<Heat> heats = heats(cases.size(), Math.min(finalists, candidates.size()), jointly);
        Steps steps = new Steps(
                progress, candidates.size() + TRIAL * (jointly ? heats.get(0).plans() : trials(heats)));
        List<RankedPlan> predicted = new ArrayList<>();
        for (EditPlan plan : candidates) {
            steps.next("forecast of " + plan, 1);
            predicted.add(predict(plan, cases.subList(0, Math.min(PREDICTED_ON, cases.size()))));
        }
        List<RankedPlan> order = new ArrayList<>(predicted);
        order.sort(Comparator.comparing((RankedPlan one) -> one.forecast().isEmpty())
                .thenComparing(Comparator.comparingDouble((RankedPlan one) ->
                                one.forecast().map(Forecast.Prediction::merit).orElse(0.0))
                        .reversed()));
        Set<RankedPlan> finals = finalists(order);
        List<RankedPlan> rest =
                order.stream().filter(one -> !finals.contains(one)).toList();
        List<RankedPlan> racing =
                new ArrayList<>(order.stream().filter(finals::contains).toList());
        Map<EditPlan, List<Repaired>> made = new HashMap<>();
        List<RankedPlan> fallenBack = new ArrayList<>();
        int before = 0;
        for (Heat heat : heats) {
            int cost = TRIAL * (jointly ? 1 : heat.cases() - before);
            before = heat.cases();
            int going = Math.min(heat.plans(), racing.size());
            fallenBack.addAll(0, racing.subList(going, racing.size()));
            List<CompositionalCase> some = cases.subList(0, heat.cases());
            List<RankedPlan> tried = new ArrayList<>();
            for (RankedPlan one : racing.subList(0, going)) {
                String best = best(tried);
                steps.next("trial of " + one.plan() + " on " + some.size() + " cases" + best, cost);
                tried.add(attempt(one, some, jointly, made));
            }
            tried.sort(Comparator.comparing((RankedPlan one) -> one.score().isEmpty())
                    .thenComparing(one -> one.score().orElse(null), Comparator.nullsLast(PlanScore.BEST_FIRST)));
            racing = tried;
        }
        steps.done();
        List<RankedPlan> all = new ArrayList<>(racing);
        all.addAll(fallenBack);
        if (all.isEmpty() || all.stream().allMatch(one -> one.score().isEmpty())) {
            throw BadInput.of(
                    "edit",
                    "no plan could be solved; the first said: "
                            + predicted.get(0).refusal().orElse("nothing"));
        }
        all.addAll(rest);
        return List.copyOf(all);
    }

    private static String best(List<RankedPlan> tried) {
        return tried.stream()
                .filter(one -> one.score().isPresent())
                .min(Comparator.comparing(one -> one.score().orElseThrow(), PlanScore.BEST_FIRST))
                .map(one -> Numbers.format(
                        "; best so far %s, correcting %.0f %%",
                        one.plan(), 100 * one.score().orElseThrow().correction().orElse(0)))
                .orElse("");
    }

    private static int trials(List<Heat> heats) {
        int before = 0;
        int all = 0;
        for (Heat heat : heats) {
            all += heat.plans() * (heat.cases() - before);
            before = heat.cases();
        }
        return all;
    }

    /** What has been done of all that is to do. */
    private static final class Steps {
        private final Onlooker.Part progress;
        private final int all;
        private int done;

        Steps(Onlooker.Part progress, int all) {
            this.progress = progress;
            this.all = all;
        }

        /** Something begins that costs so much. */
        void next(String what, int cost) {
            progress.doing(what);
            progress.at(Math.min(done, all), all);
            done += cost;
        }

        void done() {
            progress.at(all, all);
        }
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
        return notes.forecast(plan).orElseGet(() -> {
            RankedPlan predicted = predicted(plan, cases);
            notes.forecast(predicted);
            return predicted;
        });
    }

    private RankedPlan predicted(EditPlan plan, List<CompositionalCase> cases) {
        try {
            return new RankedPlan(plan, Optional.of(forecast.of(plan, cases)), Optional.empty(), Optional.empty());
        } catch (BadInput unstable) {
            return new RankedPlan(plan, Optional.empty(), Optional.empty(), Optional.of(unstable.getMessage()));
        }
    }

    /** @param made the repairs of each plan in the heats before; modified */
    private RankedPlan attempt(
            RankedPlan one, List<CompositionalCase> cases, boolean jointly, Map<EditPlan, List<Repaired>> made) {
        return notes.trial(one.plan(), cases.size()).orElseGet(() -> {
            RankedPlan tried = tried(one, cases, jointly, made.computeIfAbsent(one.plan(), plan -> new ArrayList<>()));
            notes.trial(tried, cases.size());
            return tried;
        });
    }

    private RankedPlan tried(RankedPlan one, List<CompositionalCase> cases, boolean jointly, List<Repaired> repairs) {
        try {
            PlanScore score = jointly ? patcher.trial(cases, one.plan()) : patcher.trial(cases, one.plan(), repairs);
            return new RankedPlan(one.plan(), one.forecast(), Optional.of(score), Optional.empty());
        } catch (BadInput unstable) {
            return new RankedPlan(one.plan(), one.forecast(), Optional.empty(), Optional.of(unstable.getMessage()));
        }
    }
}
