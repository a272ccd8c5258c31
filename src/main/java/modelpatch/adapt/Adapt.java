package modelpatch.adapt;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Onlooker;
import modelpatch.model.LanguageModel;
import modelpatch.repair.FoundCases;
import modelpatch.repair.Repair;

/**
 * The use case {@code patch adapt}: trains adapters for failures, asks with them beside the untouched model, and lets them go. The same
 * demonstrations in the prompt, and an adapter of shuffled answers, are always asked beside it.
 */
public final class Adapt {
    private final Repair.Task task;
    private final AdaptOptions options;
    private final int threads;
    private final Clock clock;
    private final Map<String, Double> seconds = new LinkedHashMap<>();
    private final List<AdaptDocument.LeftOut> leftOut = new ArrayList<>();

    /**
     * A use case that has done nothing yet.
     *
     * @param task what was found on a model, as for a permanent repair
     * @param threads of the engine while it trains
     * @param clock times the work
     */
    public Adapt(Repair.Task task, AdaptOptions options, int threads, Clock clock) {
        this.task = task;
        this.options = options;
        this.threads = threads;
        this.clock = clock;
    }

    /**
     * What came out.
     *
     * @param adapters by the name of the task
     * @param cases by the name of the task, the questions that it is for
     */
    public record Result(
            AdaptDocument document,
            Map<String, Adaptation.Trained> adapters,
            Map<String, List<CompositionalCase>> cases) {}

    /**
     * Adapts and asks.
     *
     * @throws BadInput where the findings are of another suite, a demonstration gives an answer away, or no question can be adapted for
     */
    public Result run(Onlooker onlooker) {
        LanguageModel model = task.model().model();
        FoundCases found = FoundCases.of(
                task,
                options.ids(),
                options.most(),
                options.single(),
                options.recipe().seed());
        List<CompositionalCase> questions = found.all();
        OwnAnswers own = new OwnAnswers(model, task.questions().deciding(), Trial.BATCH);
        List<Scope.Task> tasks = tasks(questions, own);
        int[] witness = model.tokenizer().encode(questions.get(0).primary().prompt());
        Fingerprint before = Fingerprint.of(model, witness);
        Lessons lessons =
                new Lessons(options.level(), task.questions().deciding().form(), own, options.perPair());
        Trial trial = new Trial(task, options, lessons, threads, clock);
        try (Onlooker.Part part = onlooker.begin("adapters")) {
            for (int i = 0; i < tasks.size(); i++) {
                part.at(i, tasks.size());
                Scope.Task one = tasks.get(i);
                timed("adapters", () -> trial.run(one));
            }
        }
        AdaptDocument.Restored restored = before.comparedWith(Fingerprint.of(model, witness));
        if (!restored.same() || !restored.logits()) {
            throw new IllegalStateException("the model is not what it was before its adapters: " + restored);
        }
        Set<String> asked = trial.asked();
        return new Result(
                new AdaptDocument(
                        options.level(),
                        options.level().supervision(),
                        options.scope(),
                        options.recipe(),
                        task.questions().deciding().identity(),
                        options.recipe().seed(),
                        (int) found.failures().stream()
                                .filter(one -> asked.contains(one.id()))
                                .count(),
                        (int) found.controls().stream()
                                .filter(one -> asked.contains(one.id()))
                                .count(),
                        leaks(tasks),
                        trial.reports(),
                        leftOut,
                        trial.rows(),
                        trial.against(),
                        restored,
                        seconds,
                        Optional.empty(),
                        Optional.empty()),
                trial.adapters(),
                tasks.stream().collect(Collectors.toMap(Scope.Task::name, Scope.Task::questions)));
    }

    // ---- whom to show

    private List<Scope.Task> tasks(List<CompositionalCase> questions, OwnAnswers own) {
        List<Scope.Task> tasks =
                options.level().allows(Level.Source.DEMONSTRATION) ? shown(questions) : unshown(questions, own);
        if (tasks.isEmpty()) {
            throw new BadInput(
                    "no question can be adapted for",
                    task.source(),
                    "demonstrations that give nothing away",
                    leftOut.size() + " questions, " + leftOut.get(0).why(),
                    "take another --level or --scope, or name demonstrations");
        }
        if (options.single() && tasks.size() > 1) {
            String first = tasks.get(0).name();
            if (!tasks.stream()
                    .allMatch(one ->
                            one.name().startsWith(first + "/") || one.name().equals(first))) {
                throw new BadInput(
                        "which adapter",
                        "--save, --promote",
                        "one task",
                        tasks.size() + ": "
                                + tasks.stream().map(Scope.Task::name).limit(3).collect(Collectors.joining(", ")),
                        "give --case, or --scope shared");
            }
            tasks.stream().skip(1).forEach(one -> leaveOut(one.questions(), "the kept adapter was shown its answer"));
            return tasks.subList(0, 1);
        }
        return tasks;
    }

    private List<Scope.Task> shown(List<CompositionalCase> questions) {
        CaseSuite suite = task.questions().asked().suite();
        if (!options.demonstrations().isEmpty()) {
            List<CompositionalCase> named =
                    options.demonstrations().stream().map(this::demonstration).toList();
            LeakCheck.require(named, questions.stream().filter(this::isFailure).toList());
            Scope.Tasks tasks = options.scope()
                    .tasks(questions, named, named.size(), options.recipe().seed());
            leaveOut(tasks.left(), "the demonstrations tell of it, or are of other relations");
            return tasks.tasks();
        }
        Scope.Tasks tasks = options.scope()
                .tasks(
                        questions,
                        suite.cases(),
                        options.perPair(),
                        options.recipe().seed());
        leaveOut(tasks.left(), "fewer than two demonstrations of its relations that give nothing away");
        return tasks.tasks();
    }

    private boolean isFailure(CompositionalCase one) {
        return task.findings().find(one.id()).isPresent();
    }

    private CompositionalCase demonstration(String id) {
        return task.questions()
                .asked()
                .suite()
                .find(id)
                .or(() -> task.questions().asked().taught().flatMap(taught -> taught.find(id)))
                .orElseThrow(() -> new BadInput(
                        "no such demonstration",
                        "--demonstration " + id,
                        "the id of a case",
                        "none of the suite's "
                                + task.questions().asked().suite().cases().size(),
                        "check the id"));
    }

    /** Without demonstrations a question stays where its own slow answers agree. */
    private List<Scope.Task> unshown(List<CompositionalCase> questions, OwnAnswers own) {
        Map<Boolean, List<CompositionalCase>> agreed = questions.stream()
                .collect(Collectors.partitioningBy(one -> own.composition(one).isPresent()));
        leaveOut(agreed.get(false), "its slow answers in two wordings do not agree");
        return options.scope().unshown(agreed.get(true));
    }

    private void leaveOut(List<CompositionalCase> cases, String why) {
        cases.forEach(one -> leftOut.add(new AdaptDocument.LeftOut(one.id(), why)));
    }

    private static AdaptDocument.Leaks leaks(List<Scope.Task> tasks) {
        long checked = 0;
        long found = 0;
        for (Scope.Task one : tasks) {
            for (CompositionalCase demonstration : one.demonstrations()) {
                for (CompositionalCase question : one.questions()) {
                    checked++;
                    found += LeakCheck.leak(demonstration, question).isPresent() ? 1 : 0;
                }
            }
        }
        return new AdaptDocument.Leaks(checked, found);
    }

    private <T> T timed(String part, Supplier<T> work) {
        Instant start = clock.instant();
        T result = work.get();
        seconds.merge(part, Duration.between(start, clock.instant()).toMillis() / 1e3, Double::sum);
        return result;
    }
}
