package modelpatch.adapt;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.Against;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.JudgedPairs;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.repair.Repair;

/** Asks the questions of each task with every remedy, and keeps the verdicts side by side. */
final class Trial {
    static final int BATCH = Examiner.DEFAULT_BATCH;

    private static final String NONE = "none";
    private static final String IN_CONTEXT = "icl";
    private static final String ADAPTED = "adapt";
    private static final String BOTH = "adapt+icl";
    private static final String VOTE = "vote";
    private static final String DIRECT = "direct";
    private static final String PLACEBO = "placebo";

    private final LanguageModel base;
    private final Repair.Task task;
    private final AdaptOptions options;
    private final Lessons lessons;
    private final int threads;
    private final Clock clock;
    private final Form form;
    private final Examiner plain;
    private final List<AdaptDocument.TaskReport> reports = new ArrayList<>();
    private final Map<String, Adaptation.Trained> adapters = new LinkedHashMap<>();
    private final Map<String, Map<String, Verdict>> primary = new LinkedHashMap<>();
    private final Map<String, Map<String, Verdict>> paraphrase = new LinkedHashMap<>();
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    Trial(Repair.Task task, AdaptOptions options, Lessons lessons, int threads, Clock clock) {
        this.base = task.model().model();
        this.task = task;
        this.options = options;
        this.lessons = lessons;
        this.threads = threads;
        this.clock = clock;
        this.form = task.questions().deciding().form();
        this.plain = new Examiner(base, task.questions().deciding(), BATCH);
    }

    /** One task: trains, asks, and lets go. */
    AdaptDocument.TaskReport run(Scope.Task one) {
        ask(NONE, one.questions(), plain);
        List<Lesson> taught = lessons.of(one);
        Protocol shown = shown(one);
        if (!one.demonstrations().isEmpty()) {
            ask(IN_CONTEXT, one.questions(), new Examiner(base, shown, BATCH));
        }
        Instant start = clock.instant();
        Adaptation.Trained trained = train(options.recipe(), taught);
        double spent = since(start);
        adapters.put(one.name(), trained);
        seconds.merge(ADAPTED, spent, Double::sum);
        try (Adapted adapted = Adapted.of(base, trained.adapter())) {
            ask(
                    ADAPTED,
                    one.questions(),
                    new Examiner(adapted.answers(), task.questions().deciding(), BATCH));
            if (!one.demonstrations().isEmpty()) {
                ask(BOTH, one.questions(), new Examiner(adapted.answers(), shown, BATCH));
                seconds.merge(BOTH, spent, Double::sum);
            }
            if (options.vote() != AdaptOptions.Voting.NONE) {
                vote(one.questions(), adapted.answers());
                seconds.merge(VOTE, spent, Double::sum);
            }
        }
        if (options.direct()) {
            beside(DIRECT, one, options.recipe().with(AdaptRecipe.Format.DIRECT), taught);
        }
        List<Lesson> wrong = Lessons.shuffled(
                taught,
                task.questions().asked().suite(),
                SeededOrder.draws(options.recipe().seed(), "placebo", one.name()));
        beside(PLACEBO, one, options.recipe(), wrong);
        AdaptDocument.TaskReport report = new AdaptDocument.TaskReport(
                one.name(),
                one.questions().size(),
                one.demonstrations().stream().map(CompositionalCase::id).toList(),
                taught.size(),
                trained.losses().size(),
                trained.tokens(),
                trained.losses().get(0),
                trained.losses().get(trained.losses().size() - 1),
                spent);
        reports.add(report);
        return report;
    }

    private Adaptation.Trained train(AdaptRecipe recipe, List<Lesson> taught) {
        return new Adaptation(base, recipe, threads).on(taught, Progress.UNWATCHED);
    }

    private void beside(String name, Scope.Task one, AdaptRecipe recipe, List<Lesson> taught) {
        Instant start = clock.instant();
        try (Adapted adapted = Adapted.of(base, train(recipe, taught).adapter())) {
            seconds.merge(name, since(start), Double::sum);
            ask(
                    name,
                    one.questions(),
                    new Examiner(adapted.answers(), task.questions().deciding(), BATCH));
        }
    }

    /** The protocol with the demonstrations of a task behind its own, in the wording and order of their primary prompts. */
    private Protocol shown(Scope.Task one) {
        FewShot own = task.questions().deciding().fewShot();
        List<String> all = new ArrayList<>(own.demonstrations());
        for (CompositionalCase demonstration : one.demonstrations()) {
            all.add(Sentences.demonstration(primary(demonstration), demonstration.answer()));
        }
        return task.questions().deciding().with(new FewShot(own.id() + " + " + one.name(), form, all));
    }

    private Query primary(CompositionalCase one) {
        return OwnAnswers.ofForm(one.compositions(), form).get(0);
    }

    private void ask(String remedy, List<CompositionalCase> questions, Examiner examiner) {
        Instant start = clock.instant();
        List<Question> asked = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (CompositionalCase one : questions) {
            asked.add(Question.of(primary(one), one.answers()));
            ids.add(one.id());
        }
        for (CompositionalCase one : questions) {
            for (Query query : OwnAnswers.ofForm(one.compositions(TemplateSplit.TEST), form)) {
                asked.add(Question.of(query, one.answers()));
                ids.add(one.id() + " " + query.template().id());
            }
        }
        List<Reply> replies = examiner.ask(asked);
        for (int i = 0; i < asked.size(); i++) {
            Map<String, Map<String, Verdict>> table = i < questions.size() ? primary : paraphrase;
            table.computeIfAbsent(remedy, name -> new LinkedHashMap<>())
                    .put(ids.get(i), replies.get(i).verdict());
        }
        seconds.merge(remedy, since(start) * questions.size() / asked.size(), Double::sum);
    }

    // ---- votes

    private void vote(List<CompositionalCase> questions, AnswerModel adapted) {
        Instant start = clock.instant();
        Examiner examiner = new Examiner(adapted, task.questions().deciding(), BATCH);
        for (CompositionalCase one : questions) {
            List<Query> wordings = new ArrayList<>(List.of(primary(one)));
            OwnAnswers.ofForm(one.compositions(), form).stream()
                    .filter(query -> query.split() != TemplateSplit.TEST && !wordings.contains(query))
                    .forEach(wordings::add);
            List<Reply> replies = examiner.ask(wordings.stream()
                    .map(wording -> Question.of(wording, one.answers()))
                    .toList());
            List<List<String>> answers = replies.stream()
                    .map(reply -> reply.verdict() == Verdict.UNPARSED ? List.<String>of() : List.of(reply.predicted()))
                    .toList();
            String winner =
                    options.vote() == AdaptOptions.Voting.SOFT ? soft(wordings, answers, adapted) : Vote.of(answers);
            primary.computeIfAbsent(VOTE, name -> new LinkedHashMap<>())
                    .put(one.id(), AnswerMatch.judge(winner, one.answers()));
        }
        seconds.merge(VOTE, since(start), Double::sum);
    }

    private String soft(List<Query> wordings, List<List<String>> answers, AnswerModel adapted) {
        List<String> candidates = List.copyOf(
                new LinkedHashSet<>(answers.stream().flatMap(List::stream).toList()));
        if (candidates.isEmpty()) {
            return "";
        }
        PromptEncoder encoder =
                new PromptEncoder(adapted, task.questions().deciding().frame());
        Map<String, double[]> scores = new LinkedHashMap<>();
        candidates.forEach(candidate -> scores.put(candidate, new double[wordings.size()]));
        for (int wording = 0; wording < wordings.size(); wording++) {
            PromptEncoder.Continued continued =
                    encoder.encode(wordings.get(wording).prompt(), candidates);
            List<int[]> prompts =
                    candidates.stream().map(one -> continued.prompt()).toList();
            List<double[]> scored = adapted.logProbabilities(new int[0], prompts, continued.answers());
            for (int i = 0; i < candidates.size(); i++) {
                scores.get(candidates.get(i))[wording] =
                        Arrays.stream(scored.get(i)).sum();
            }
        }
        return Vote.soft(scores);
    }

    // ---- results

    /** The ids of the questions that were asked. */
    Set<String> asked() {
        return primary.getOrDefault(NONE, Map.of()).keySet();
    }

    List<AdaptDocument.TaskReport> reports() {
        return reports;
    }

    Map<String, Adaptation.Trained> adapters() {
        return adapters;
    }

    /** Every remedy against none. */
    Map<String, AdaptDocument.Row> rows() {
        Map<String, AdaptDocument.Row> rows = new LinkedHashMap<>();
        for (String remedy : List.of(IN_CONTEXT, ADAPTED, BOTH, VOTE, DIRECT, PLACEBO)) {
            if (primary.containsKey(remedy)) {
                rows.put(
                        remedy,
                        new AdaptDocument.Row(
                                judged(primary, NONE, remedy),
                                judged(paraphrase, NONE, remedy),
                                seconds.get(remedy) / primary.get(remedy).size()));
            }
        }
        return rows;
    }

    private static JudgedPairs judged(Map<String, Map<String, Verdict>> table, String before, String after) {
        return JudgedPairs.of(pairs(table, before, after));
    }

    private static List<PairedOutcome> pairs(Map<String, Map<String, Verdict>> table, String before, String after) {
        Map<String, Verdict> later = table.getOrDefault(after, Map.of());
        return later.keySet().stream()
                .map(id -> PairedOutcome.of(table.get(before).get(id), later.get(id)))
                .toList();
    }

    /** The adapter against what it must beat to be worth its training. */
    List<Against> against() {
        List<Against> pairs = new ArrayList<>();
        for (String other : List.of(IN_CONTEXT, DIRECT, PLACEBO)) {
            if (primary.containsKey(other)) {
                pairs.add(against(ADAPTED, other));
            }
        }
        if (primary.containsKey(BOTH)) {
            pairs.add(against(BOTH, IN_CONTEXT));
        }
        return pairs;
    }

    private Against against(String one, String other) {
        return Against.of(one, other, pairs(primary, other, one));
    }

    private double since(Instant start) {
        return Duration.between(start, clock.instant()).toMillis() / 1e3;
    }
}
