package modelpatch.guard;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Progress;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/** The use case {@code patch guard bisect}: which patches of a stack break a case of a suite. */
public final class Bisect {
    private final PatchedModel patched;
    private final RegressionSuite suite;
    private final int mostRuns;
    private final Clock clock;

    /**
     * A use case that has done nothing yet.
     *
     * @param patched stays the caller's
     * @param suite of the cases
     * @param mostRuns stacks to try for one case
     * @throws BadInput where there are no patches
     */
    public Bisect(PatchedModel patched, RegressionSuite suite, int mostRuns, Clock clock) {
        if (patched.stack().isEmpty()) {
            throw new BadInput("no patches", "--patch", "the stack, lowest first", "none", "give --patch FILE ...");
        }
        this.patched = patched;
        this.suite = suite;
        this.mostRuns = mostRuns;
        this.clock = clock;
    }

    /**
     * Bisects.
     *
     * @param ids the cases; none for every case that fails on the whole stack
     * @throws BadInput for an id that the suite does not have, and where a case takes too many runs
     */
    public BisectDocument run(List<String> ids, Onlooker onlooker) {
        List<BisectDocument.Bisected> found = new ArrayList<>();
        try (Onlooker.Part progress = onlooker.begin("cases")) {
            Map<GuardedSet, List<GuardedCase>> cases = cases(ids);
            int total = cases.values().stream().mapToInt(List::size).sum();
            cases.forEach((set, all) -> all.forEach(one -> {
                progress.at(found.size(), total);
                found.add(bisected(set, one));
            }));
        }
        return new BisectDocument(patched.patchIds(), found);
    }

    private Map<GuardedSet, List<GuardedCase>> cases(List<String> ids) {
        Map<GuardedSet, List<GuardedCase>> cases = new LinkedHashMap<>();
        SuiteResult whole = ids.isEmpty() ? result(suite, patched.stack()) : null;
        for (GuardedSet set : suite.sets()) {
            List<GuardedCase> chosen = set.cases().stream()
                    .filter(one -> whole == null
                            ? ids.contains(one.id())
                            : whole.failing().stream()
                                    .anyMatch(failing -> failing.set().equals(set.title())
                                            && failing.id().equals(one.id())))
                    .toList();
            if (!chosen.isEmpty()) {
                cases.put(set, chosen);
            }
        }
        ids.stream()
                .filter(id -> cases.values().stream()
                        .flatMap(List::stream)
                        .noneMatch(one -> one.id().equals(id)))
                .findFirst()
                .ifPresent(id -> {
                    throw new BadInput(
                            "no such case", "--case " + id, "the id of a case of " + suite.file(), "none", "check it");
                });
        return cases;
    }

    private BisectDocument.Bisected bisected(GuardedSet set, GuardedCase one) {
        List<WeightPatch> stack = patched.stack().patches();
        RegressionSuite single = suite.only(set, one);
        Bisection bisection = new Bisection(
                stack.size(),
                kept -> result(
                                single,
                                PatchStack.of(kept.stream().mapToObj(stack::get).toList()))
                        .failing()
                        .isEmpty());
        Bisection.Found result = bisection.search(mostRuns);
        String verdict = !result.culprits().isEmpty()
                ? "broken"
                : bisection.baseHolds() ? BisectDocument.HOLDS : "fails on the base";
        return new BisectDocument.Bisected(
                set.title(),
                one.id(),
                verdict,
                result.monotone(),
                result.culprits().stream()
                        .map(culprits -> culprits.stream()
                                .map(patch -> stack.get(patch).id())
                                .toList())
                        .toList(),
                result.runs());
    }

    /** The result of a suite on the base with a part of the stack. */
    private SuiteResult result(RegressionSuite asked, PatchStack part) {
        LanguageModel base = patched.base();
        SuiteRunner runner = new SuiteRunner(clock, Progress.UNWATCHED);
        if (part.isEmpty()) {
            return runner.run(asked, new PatchedModel(base, part, base).target(Optional.empty()));
        }
        try (LanguageModel changed = base.with(part.weights(base.checkpoint()))) {
            return runner.run(asked, new PatchedModel(base, part, changed).target(Optional.empty()));
        }
    }
}
