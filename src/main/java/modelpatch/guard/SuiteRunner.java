package modelpatch.guard;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import modelpatch.Versions;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.RoundingTies;

/** Runs suites: greedy, in the order of the suite, nothing drawn. A wrong answer is looked at again, whether rounding could have turned it. */
public final class SuiteRunner {
    /** The share of a suite that may be tied: a model that prefers nothing to anything is tied everywhere. */
    private static final double MOST_TIED = 0.05;

    private final Clock clock;
    private final Progress progress;

    /**
     * Runs regression suites on models, timed by a clock.
     *
     * @param clock for the seconds that are reported
     * @param progress counts the questions
     */
    public SuiteRunner(Clock clock, Progress progress) {
        this.clock = clock;
        this.progress = progress;
    }

    /** Runs suites one after the other, each with its own progress: the use case {@code patch guard run}. */
    public static RunDocument runAll(List<RegressionSuite> suites, GuardTarget target, Clock clock, Onlooker onlooker) {
        return RunDocument.of(results(suites, target, false, clock, onlooker));
    }

    private static List<SuiteResult> results(
            List<RegressionSuite> suites, GuardTarget target, boolean everyLead, Clock clock, Onlooker onlooker) {
        List<SuiteResult> results = new ArrayList<>();
        for (RegressionSuite suite : suites) {
            try (Onlooker.Part progress = onlooker.begin(suite.name())) {
                results.add(new SuiteRunner(clock, progress).run(suite, target, everyLead));
            }
        }
        return results;
    }

    /**
     * Runs suites and compares every answer with what was accepted: the use case {@code patch guard update}.
     *
     * @param accept whether to make what is there now the baseline, where anything differs
     */
    public static UpdateDocument update(
            List<RegressionSuite> suites, GuardTarget target, boolean accept, Clock clock, Onlooker onlooker) {
        List<UpdateDocument.Update> updates = new ArrayList<>();
        for (SuiteResult result : results(suites, target, true, clock, onlooker)) {
            Path file = suites.get(updates.size()).baselineFile();
            Baseline now =
                    Baseline.of(result, Versions.engine(), clock.instant().toString());
            Optional<Baseline> recorded = Baseline.read(file);
            UpdateDocument.Update update = new UpdateDocument.Update(
                    result.suite(),
                    file.toString(),
                    recorded.isPresent(),
                    recorded.map(before -> before.differences(now)).orElse(List.of()),
                    result.verdict());
            if (accept && update.differs()) {
                now.write(file);
            }
            updates.add(update);
        }
        return new UpdateDocument(accept, updates);
    }

    /** Runs a suite and compares with its baseline, where there is one. */
    public SuiteResult run(RegressionSuite suite, GuardTarget target) {
        return run(suite, target, false);
    }

    /** As {@link #run}, with the lead of right answers too: what a baseline keeps, so that later ties can be told from losses. */
    SuiteResult measured(RegressionSuite suite, GuardTarget target) {
        return run(suite, target, true);
    }

    private SuiteResult run(RegressionSuite suite, GuardTarget target, boolean everyLead) {
        Optional<Baseline> baseline = Baseline.read(suite.baselineFile());
        boolean fits = baseline.isPresent() && baseline.get().suiteDigest().equals(suite.digest());
        Instant start = clock.instant();
        List<CaseResult> cases = cases(suite, target, fits ? baseline : Optional.empty(), everyLead);
        double seconds = Duration.between(start, clock.instant()).toMillis() / 1e3;
        Optional<Drift> drift = suite.drift().flatMap(target.drift());
        List<SetResult> sets =
                suite.sets().stream().map(set -> counted(set, cases)).toList();
        SuiteResult.BaselineState state = baseline.isEmpty()
                ? SuiteResult.BaselineState.NONE
                : fits ? SuiteResult.BaselineState.COMPARED : SuiteResult.BaselineState.STALE;
        return new SuiteResult(
                suite.name(),
                suite.file().toString(),
                suite.digest(),
                target.name(),
                target.digest(),
                target.reading(),
                target.patches(),
                suite.protocol().identity(),
                sets,
                checks(suite, cases, target, baseline, drift, seconds),
                drift,
                state,
                seconds,
                target.bytes(),
                cases);
    }

    private List<CaseResult> cases(
            RegressionSuite suite, GuardTarget target, Optional<Baseline> baseline, boolean everyLead) {
        List<Question> questions = new ArrayList<>();
        suite.sets().forEach(set -> set.cases().forEach(one -> questions.add(one.question())));
        Examiner examiner = new Examiner(target.model(), suite.protocol(), Examiner.DEFAULT_BATCH);
        List<Reply> replies = examiner.ask(questions, progress);
        Map<Question, RoundingTies.Ways> ways = ways(suite, target, questions, replies, everyLead);
        List<CaseResult> results = new ArrayList<>();
        for (GuardedSet set : suite.sets()) {
            for (GuardedCase one : set.cases()) {
                Reply reply = replies.get(results.size());
                Optional<RoundingTies.Ways> followed = Optional.ofNullable(ways.get(one.question()));
                Optional<Baseline.Answer> accepted = baseline.flatMap(known -> known.accepted(set.title(), one.id()));
                boolean tied = followed.isPresent()
                        && followed.get().right()
                        && accepted.filter(Baseline.Answer::heldByALittle).isPresent();
                results.add(new CaseResult(
                        set.title(),
                        one.id(),
                        reply.right()
                                ? CaseResult.Outcome.HOLDS
                                : tied ? CaseResult.Outcome.TIED : CaseResult.Outcome.FAILS,
                        one.prompt(),
                        one.answers(),
                        reply.predicted(),
                        one.before(),
                        accepted.map(Baseline.Answer::found),
                        followed.map(RoundingTies.Ways::margin)));
            }
        }
        return results;
    }

    /** Every wrong answer, or every answer, followed in all ways that rounding could have taken. */
    private static Map<Question, RoundingTies.Ways> ways(
            RegressionSuite suite, GuardTarget target, List<Question> questions, List<Reply> replies, boolean all) {
        List<Question> wrong = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            if (all || !replies.get(i).right()) {
                wrong.add(questions.get(i));
            }
        }
        List<RoundingTies.Ways> followed =
                new RoundingTies(target.model(), suite.protocol(), suite.tolerance()).of(wrong);
        Map<Question, RoundingTies.Ways> ways = new HashMap<>();
        for (int i = 0; i < wrong.size(); i++) {
            ways.put(wrong.get(i), followed.get(i));
        }
        return ways;
    }

    private static SetResult counted(GuardedSet set, List<CaseResult> all) {
        List<CaseResult> cases =
                all.stream().filter(one -> one.set().equals(set.title())).toList();
        int tied = (int) cases.stream()
                .filter(one -> one.outcome() == CaseResult.Outcome.TIED)
                .count();
        int fails = (int) cases.stream().filter(CaseResult::fails).count();
        return new SetResult(set.title(), cases.size(), cases.size() - tied - fails, tied, fails, set.allowance());
    }

    private static List<SuiteResult.Check> checks(
            RegressionSuite suite,
            List<CaseResult> cases,
            GuardTarget target,
            Optional<Baseline> baseline,
            Optional<Drift> drift,
            double seconds) {
        List<SuiteResult.Check> checks = new ArrayList<>();
        baseline.flatMap(known -> known.asRead(target)).ifPresent(checks::add);
        long tied = cases.stream()
                .filter(one -> one.outcome() == CaseResult.Outcome.TIED)
                .count();
        if (tied > 0) {
            long most = Math.max(1, (long) (MOST_TIED * cases.size()));
            checks.add(new SuiteResult.Check(
                    "tied cases",
                    tied <= most ? SuiteResult.State.HOLDS : SuiteResult.State.BROKEN,
                    tied + " of " + cases.size(),
                    String.valueOf(most)));
        }
        boolean isTheBase = suite.model()
                .filter(base -> base.digest().equals(target.digest()))
                .isPresent();
        Optional<Double> none = isTheBase ? Optional.of(0.0) : Optional.empty();
        for (Map.Entry<String, Double> limit : suite.limits().entrySet()) {
            OptionalDouble value = switch (limit.getKey()) {
                case Gates.KL -> of(drift.map(Drift::klMean).or(() -> none));
                case Gates.FLIPS -> of(drift.map(Drift::topFlips).or(() -> none));
                case Gates.PERPLEXITY -> of(drift.map(Drift::perplexityRatio).or(() -> none.map(zero -> 1.0)));
                case RegressionSuite.SECONDS -> OptionalDouble.of(seconds);
                case RegressionSuite.BYTES -> OptionalDouble.of((double) target.bytes());
                default -> throw new IllegalStateException(limit.getKey());
            };
            checks.add(check(GateResult.whole(limit.getKey(), limit.getValue(), value), suite.mayBeUndecided()));
        }
        return checks;
    }

    private static SuiteResult.Check check(GateResult gate, boolean mayBeUndecided) {
        String found = gate.value().isPresent()
                ? number(gate.value().getAsDouble())
                : "not measured: there is no base to compare with";
        SuiteResult.State state = gate.value().isEmpty()
                ? mayBeUndecided ? SuiteResult.State.ALLOWED : SuiteResult.State.UNDECIDED
                : gate.passed() ? SuiteResult.State.HOLDS : SuiteResult.State.BROKEN;
        return new SuiteResult.Check(gate.name(), state, found, number(gate.limit()));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? String.valueOf((long) value) : Numbers.size(value);
    }

    private static OptionalDouble of(Optional<Double> value) {
        return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }
}
