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
        List<SuiteResult> results = new ArrayList<>();
        for (RegressionSuite suite : suites) {
            try (Onlooker.Part progress = onlooker.begin(suite.name())) {
                results.add(new SuiteRunner(clock, progress).run(suite, target));
            }
        }
        return RunDocument.of(results);
    }

    /**
     * Runs suites and compares every answer with what was accepted: the use case {@code patch guard update}.
     *
     * @param accept whether to make what is there now the baseline, where anything differs
     */
    public static UpdateDocument update(
            List<RegressionSuite> suites, GuardTarget target, boolean accept, Clock clock, Onlooker onlooker) {
        List<UpdateDocument.Update> updates = new ArrayList<>();
        for (SuiteResult result : runAll(suites, target, clock, onlooker).suites()) {
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
        Optional<Baseline> baseline = Baseline.read(suite.baselineFile());
        boolean fits = baseline.isPresent() && baseline.get().suiteDigest().equals(suite.digest());
        Instant start = clock.instant();
        List<CaseResult> cases = cases(suite, target, fits ? baseline : Optional.empty());
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
                target.patches(),
                suite.protocol().identity(),
                sets,
                checks(suite, target, drift, seconds),
                drift,
                state,
                seconds,
                target.bytes(),
                cases);
    }

    private List<CaseResult> cases(RegressionSuite suite, GuardTarget target, Optional<Baseline> baseline) {
        List<Question> questions = new ArrayList<>();
        suite.sets().forEach(set -> set.cases().forEach(one -> questions.add(one.question())));
        Examiner examiner = new Examiner(target.model(), suite.protocol(), Examiner.DEFAULT_BATCH);
        List<Reply> replies = examiner.ask(questions, progress);
        Map<Question, RoundingTies.Ways> ways = ways(suite, target, questions, replies);
        List<CaseResult> results = new ArrayList<>();
        for (GuardedSet set : suite.sets()) {
            for (GuardedCase one : set.cases()) {
                Reply reply = replies.get(results.size());
                Optional<RoundingTies.Ways> followed = Optional.ofNullable(ways.get(one.question()));
                boolean tied = followed.isPresent() && followed.get().right();
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
                        baseline.flatMap(known -> known.accepted(set.title(), one.id())),
                        followed.map(RoundingTies.Ways::margin)));
            }
        }
        return results;
    }

    /** Every wrong answer followed in all ways that rounding could have taken. */
    private static Map<Question, RoundingTies.Ways> ways(
            RegressionSuite suite, GuardTarget target, List<Question> questions, List<Reply> replies) {
        List<Question> wrong = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            if (!replies.get(i).right()) {
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
            RegressionSuite suite, GuardTarget target, Optional<Drift> drift, double seconds) {
        List<SuiteResult.Check> checks = new ArrayList<>();
        for (Map.Entry<String, Double> limit : suite.limits().entrySet()) {
            OptionalDouble value = switch (limit.getKey()) {
                case Gates.KL -> of(drift.map(Drift::klMean));
                case Gates.FLIPS -> of(drift.map(Drift::topFlips));
                case Gates.PERPLEXITY -> of(drift.map(Drift::perplexityRatio));
                case RegressionSuite.SECONDS -> OptionalDouble.of(seconds);
                case RegressionSuite.BYTES -> OptionalDouble.of((double) target.bytes());
                default -> throw new IllegalStateException(limit.getKey());
            };
            checks.add(check(GateResult.of(limit.getKey(), limit.getValue(), value)));
        }
        return checks;
    }

    private static SuiteResult.Check check(GateResult gate) {
        String found = gate.value().isPresent()
                ? number(gate.value().getAsDouble())
                : "not measured: there is no base to compare with";
        return new SuiteResult.Check(gate.name(), gate.passed(), found, number(gate.limit()));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? String.valueOf((long) value) : Numbers.size(value);
    }

    private static OptionalDouble of(Optional<Double> value) {
        return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }
}
