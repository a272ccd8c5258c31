package modelpatch.remedy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import modelpatch.adapt.AdaptOptions;
import modelpatch.adapt.Adapted;
import modelpatch.adapt.Adapters;
import modelpatch.adapt.Scope;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Onlooker;
import modelpatch.model.Adapter;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.TokenIds;
import modelpatch.repair.Contest;
import modelpatch.repair.Remedy;
import modelpatch.repair.Repair;

/**
 * Adapters beside a model, each for the questions that share it: a question is asked with its own, anything else of the model alone, or with the
 * first where that one stands for everything.
 */
public final class Adapting implements Remedy {
    private final List<Adapted> adapted;
    private final Routed answers;

    private Adapting(List<Adapted> adapted, Routed answers) {
        this.adapted = adapted;
        this.answers = answers;
    }

    /**
     * Puts adapters beside a model.
     *
     * @param model stays the caller's
     * @param everywhere whether the first stands beside the model for every other text too
     * @param which the adapter for a whole sequence of ids, prefix included, by its place; empty for none
     */
    public static Adapting of(
            LanguageModel model, List<Adapter> adapters, boolean everywhere, Function<int[], OptionalInt> which) {
        List<Adapted> adapted = new ArrayList<>();
        adapters.forEach(adapter -> adapted.add(Adapted.of(model, adapter)));
        AnswerModel rest = everywhere && !adapted.isEmpty() ? adapted.get(0).answers() : model;
        return new Adapting(
                adapted, new Routed(rest, adapted.stream().map(Adapted::answers).toList(), which));
    }

    /**
     * Adapters for the targets of a contest.
     *
     * @param threads of the engine while it trains
     */
    static Contender contender(
            String name, Repair.Task task, Contest contest, AdaptOptions options, int threads, Onlooker onlooker) {
        AtomicReference<String> note = new AtomicReference<>("");
        return Contender.of(
                name,
                options.level().supervision(),
                Compare.WHILE_ASKED,
                () -> {
                    LanguageModel model = task.model().model();
                    KnownPrompts known =
                            new KnownPrompts(model, task.questions().deciding(), contest.suite());
                    try (Onlooker.Part part = onlooker.begin("adapters")) {
                        Adapters trained = Adapters.of(
                                model,
                                task.questions().deciding(),
                                contest.targets(),
                                unasked(contest),
                                options,
                                threads,
                                part);
                        note.set(options.level() + ", scope " + options.scope().key() + "; adapters: "
                                + trained.parts().size() + ", targets without one: "
                                + trained.left().size() + " of "
                                + contest.targets().size());
                        return of(
                                model,
                                trained.parts().stream()
                                        .map(Adapters.Part::adapter)
                                        .toList(),
                                options.scope() == Scope.SHARED,
                                ids -> known.composition(ids)
                                        .map(trained::partFor)
                                        .orElse(OptionalInt.empty()));
                    }
                },
                note::get);
    }

    /** Cases none of whose wordings is an item: what is judged must not have been shown. */
    private static List<CompositionalCase> unasked(Contest contest) {
        Set<String> asked = contest.probes().stream()
                .map(probe -> probe.question().prompt())
                .collect(Collectors.toSet());
        return contest.suite().cases().stream()
                .filter(one -> one.compositions().stream().noneMatch(query -> asked.contains(query.prompt())))
                .toList();
    }

    @Override
    public String name() {
        return "adapters";
    }

    @Override
    public AnswerModel answers() {
        return answers;
    }

    @Override
    public Footprint footprint() {
        return new Footprint(
                Set.of(),
                adapted.stream().mapToLong(one -> one.footprint().bytes()).sum());
    }

    @Override
    public void close() {
        adapted.forEach(Adapted::close);
    }

    /** Sends every prompt to the model that is to answer it. */
    private static final class Routed extends Beside {
        private final AnswerModel rest;
        private final List<LanguageModel> adapted;
        private final Function<int[], OptionalInt> which;

        Routed(AnswerModel rest, List<LanguageModel> adapted, Function<int[], OptionalInt> which) {
            super(rest);
            this.rest = rest;
            this.adapted = adapted;
            this.which = which;
        }

        private <T> List<T> routed(
                int[] prefix, List<int[]> prompts, BiFunction<AnswerModel, List<Integer>, List<T>> ask) {
            Map<Integer, List<Integer>> places = new TreeMap<>();
            for (int i = 0; i < prompts.size(); i++) {
                int part = which.apply(TokenIds.joined(prefix, prompts.get(i))).orElse(-1);
                places.computeIfAbsent(part, none -> new ArrayList<>()).add(i);
            }
            List<T> all = new ArrayList<>(Collections.nCopies(prompts.size(), null));
            places.forEach((part, own) -> {
                List<T> answers = ask.apply(part < 0 ? rest : adapted.get(part), own);
                for (int i = 0; i < own.size(); i++) {
                    all.set(own.get(i), answers.get(i));
                }
            });
            return all;
        }

        private static <T> List<T> at(List<Integer> places, List<T> all) {
            return places.stream().map(all::get).toList();
        }

        @Override
        public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
            return routed(
                    prefix,
                    prompts,
                    (model, places) -> model.generate(prefix, at(places, prompts), maxNewTokens, stop));
        }

        @Override
        public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
            return routed(
                    prefix,
                    prompts,
                    (model, places) -> model.logProbabilities(prefix, at(places, prompts), at(places, continuations)));
        }

        @Override
        public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
            return routed(prefix, prompts, (model, places) -> model.nextLogits(prefix, at(places, prompts)));
        }
    }
}
