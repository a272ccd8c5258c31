package modelpatch.adapt;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.Adapter;
import modelpatch.model.LanguageModel;

/**
 * Adapters trained for questions, shared as a scope says.
 *
 * @param parts who shares one
 * @param left questions for which there are no lessons
 */
public record Adapters(Scope scope, List<Part> parts, List<CompositionalCase> left) {
    public Adapters {
        parts = List.copyOf(parts);
        left = List.copyOf(left);
    }

    /** One adapter, and the questions that it was trained for. */
    public record Part(Adapter adapter, List<CompositionalCase> questions) {
        public Part {
            questions = List.copyOf(questions);
        }
    }

    /**
     * Trains them.
     *
     * @param model stays the caller's and is not changed
     * @param asked the protocol that the questions are asked by
     * @param candidates possible demonstrations; those of the choose side are taken first, and none that tells of a question
     * @param options of which level, scope, recipe and the number of demonstrations count
     * @param threads of the engine while it trains
     * @param progress counts adapters
     */
    public static Adapters of(
            LanguageModel model,
            Protocol asked,
            List<CompositionalCase> questions,
            List<CompositionalCase> candidates,
            AdaptOptions options,
            int threads,
            Progress progress) {
        OwnAnswers own = new OwnAnswers(model, asked, Trial.BATCH);
        Scope.Tasks tasks = options.level().allows(Level.Source.DEMONSTRATION)
                ? options.scope()
                        .tasks(
                                questions,
                                candidates,
                                options.perPair(),
                                options.recipe().seed())
                : unshown(questions, own, options.scope());
        Lessons lessons = new Lessons(options.level(), asked.form(), own, options.perPair());
        List<Part> parts = new ArrayList<>();
        for (Scope.Task task : tasks.tasks()) {
            progress.at(parts.size(), tasks.tasks().size());
            Adapter trained = new Adaptation(model, options.recipe(), threads)
                    .on(lessons.of(task), Progress.UNWATCHED)
                    .adapter();
            parts.add(new Part(trained, task.questions()));
        }
        return new Adapters(options.scope(), parts, tasks.left());
    }

    /** Without demonstrations a question stays where its own slow answers agree. */
    private static Scope.Tasks unshown(List<CompositionalCase> questions, OwnAnswers own, Scope scope) {
        List<CompositionalCase> agreed = new ArrayList<>();
        List<CompositionalCase> left = new ArrayList<>();
        questions.forEach(one -> (own.composition(one).isPresent() ? agreed : left).add(one));
        return new Scope.Tasks(scope.unshown(agreed), left);
    }

    /** The part whose adapter a question is asked with: its own, else the first that is shared with it; empty where there is none. */
    public OptionalInt partFor(CompositionalCase question) {
        OptionalInt own = first(part -> part.questions().contains(question));
        return own.isPresent()
                ? own
                : first(part -> part.questions().stream().anyMatch(one -> scope.shares(one, question)));
    }

    private OptionalInt first(Predicate<Part> test) {
        return IntStream.range(0, parts.size())
                .filter(i -> test.test(parts.get(i)))
                .findFirst();
    }
}
