package modelpatch.adapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import modelpatch.architecture.Block;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.architecture.Mlp;
import modelpatch.evaluate.Progress;
import modelpatch.model.Adapter;
import modelpatch.model.AdapterTraining;
import modelpatch.model.AdapterTraining.Sequence;
import modelpatch.model.DecoderTraining;
import modelpatch.model.LanguageModel;

/**
 * Test-time training (arXiv 2411.07279, sections 2 to 4, in the form of its BBH experiments): an adapter is trained on lessons put into the
 * very form in which the model will be asked, and stands beside it for as long as it is needed.
 */
public final class Adaptation {
    private final LanguageModel base;
    private final AdaptRecipe recipe;
    private final int threads;

    /**
     * Adapters of one model by one recipe.
     *
     * @param base never changed; stays the caller's
     * @param threads of one operation; their number decides how it rounds
     */
    public Adaptation(LanguageModel base, AdaptRecipe recipe, int threads) {
        this.base = base;
        this.recipe = recipe;
        this.threads = threads;
    }

    /**
     * A trained adapter, and how the training went.
     *
     * @param losses before each step, in nats
     * @param tokens that all steps read together
     */
    public record Trained(Adapter adapter, List<Double> losses, long tokens) {
        public Trained {
            losses = List.copyOf(losses);
        }
    }

    /**
     * Trains an adapter.
     *
     * @param lessons of any number of groups, which take turns
     * @param progress counts steps
     * @throws modelpatch.BadInput where the context cannot hold the lessons of a group, or training runs away
     */
    public Trained on(List<Lesson> lessons, Progress progress) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(recipe.seed());
        Adapter start = Adapter.beginning(
                base.layout(), chosen(base.layout(), recipe.on()), recipe.rank(), recipe.alpha(), random);
        List<Sequence> sequences = sequences(lessons, random);
        DecoderTraining.Optimizer optimizer =
                new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, recipe.weightDecay(), 1.0);
        List<Double> losses = new ArrayList<>();
        long tokens = 0;
        try (AdapterTraining training = new AdapterTraining(base, start, optimizer, threads)) {
            for (int step = 1; step <= recipe.steps(); step++) {
                int from = (step - 1) * recipe.batch();
                List<Sequence> batch = sequences.subList(from, Math.min(sequences.size(), from + recipe.batch()));
                losses.add(training.step(batch, recipe.rate(step)));
                tokens += batch.stream().mapToLong(one -> one.ids().length).sum();
                progress.at(step, recipe.steps());
            }
            return new Trained(training.adapter(), losses, tokens);
        }
    }

    private List<Sequence> sequences(List<Lesson> lessons, RandomGenerator random) {
        Sentences sentences = new Sentences(base.tokenizer(), base.contextLength());
        Map<String, List<Lesson>> groups = new LinkedHashMap<>();
        for (Lesson lesson : lessons) {
            boolean alone = recipe.format() == AdaptRecipe.Format.DIRECT;
            String group =
                    alone ? lesson.caseId() + " " + lesson.wordings().get(0).text() : lesson.group();
            groups.computeIfAbsent(group, name -> new ArrayList<>()).add(lesson);
        }
        List<List<Lesson>> order = new ArrayList<>(groups.values());
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < recipe.sequences(); i++) {
            sequences.add(sentences.drawn(order.get(i % order.size()), recipe.loss(), random));
        }
        return sequences;
    }

    /** Whether a linear layer of a block is one of those that get factors. */
    private static java.util.function.Predicate<Linear> chosen(DecoderLayout layout, Set<AdaptRecipe.Part> on) {
        List<Linear> chosen = new ArrayList<>();
        for (Block block : layout.blocks()) {
            if (on.contains(AdaptRecipe.Part.QKV)) {
                chosen.addAll(block.attention().projection().linears());
            }
            if (on.contains(AdaptRecipe.Part.O)) {
                chosen.add(block.attention().output());
            }
            if (on.contains(AdaptRecipe.Part.MLP)) {
                chosen.addAll(mlp(block.mlp()));
            }
        }
        Set<String> names = chosen.stream().map(Linear::weight).collect(Collectors.toSet());
        return linear -> names.contains(linear.weight());
    }

    /** The linear layers of an MLP; of experts not the router, whose choice has no gradient. */
    private static List<Linear> mlp(Mlp mlp) {
        return mlp instanceof Mlp.Experts experts
                ? experts.experts().stream()
                        .flatMap(one -> one.linears().stream())
                        .toList()
                : mlp.linears();
    }
}
