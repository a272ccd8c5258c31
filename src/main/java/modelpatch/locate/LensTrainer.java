package modelpatch.locate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.cases.SeededOrder;
import modelpatch.evaluate.Onlooker;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensTraining;
import modelpatch.model.Passages;
import modelpatch.model.Site;

/**
 * The use case {@code patch lens --train-tuned}: a tuned lens from what the model writes by itself after tokens drawn at random, measured on passages
 * that it was not trained on.
 */
public final class LensTrainer {
    private static final int PASSAGES = 96;
    private static final int PASSAGE_TOKENS = 32;
    private static final int HELD_OUT = 16;
    private static final int BATCH = 64;

    private final LanguageModel model;
    private final Options options;
    private final Clock clock;

    /**
     * How it is trained.
     *
     * @param steps of each block's translator
     * @param learningRate of the first step; it falls to 0 in a straight line
     */
    public record Options(int steps, double learningRate, long seed) {}

    /** A lens, and what it measured. */
    public record Trained(TunedLens lens, TunedLensDocument document) {}

    public LensTrainer(LanguageModel model, Options options, Clock clock) {
        this.model = model;
        this.options = options;
        this.clock = clock;
    }

    /** Writes passages, trains the translators block by block, and measures them. */
    public Trained run(Onlooker onlooker) {
        Instant start = clock.instant();
        List<int[]> passages = passages(onlooker);
        int layers = model.config().nLayers();
        Set<Site> sites = new LinkedHashSet<>();
        IntStream.range(0, layers).forEach(layer -> sites.add(new Site(Site.Kind.RESIDUAL_POST, layer)));
        ActivationCache run = model.run(new int[0], passages, sites, List.of(), false);
        int trainedOn = PASSAGES - HELD_OUT;
        List<float[]> last = rows(run, 0, trainedOn, layers - 1);
        List<float[]> heldOutLast = rows(run, trainedOn, PASSAGES, layers - 1);
        List<float[]> matrices = new ArrayList<>();
        List<float[]> biases = new ArrayList<>();
        List<TunedLensDocument.Layer> measured = new ArrayList<>();
        try (Onlooker.Part progress = onlooker.begin("lens")) {
            for (int layer = 0; layer < layers - 1; layer++) {
                progress.at(layer, layers - 1);
                List<float[]> states = rows(run, 0, trainedOn, layer);
                List<float[]> heldOut = rows(run, trainedOn, PASSAGES, layer);
                try (LensTraining training = new LensTraining(model, states)) {
                    train(training, states, last);
                    matrices.add(training.matrix());
                    biases.add(training.bias());
                }
                TunedLens so = new TunedLens(matrices, biases);
                int at = layer;
                measured.add(new TunedLensDocument.Layer(
                        layer,
                        LensTraining.divergence(model, heldOut, heldOutLast),
                        LensTraining.divergence(
                                model,
                                heldOut.stream()
                                        .map(row -> so.translated(at, row))
                                        .toList(),
                                heldOutLast)));
            }
            progress.at(layers - 1, layers - 1);
        }
        double seconds = Duration.between(start, clock.instant()).toMillis() / 1e3;
        return new Trained(
                new TunedLens(matrices, biases),
                new TunedLensDocument(last.size(), heldOutLast.size(), options.steps(), measured, seconds));
    }

    private List<int[]> passages(Onlooker onlooker) {
        try (Onlooker.Part progress = onlooker.begin("text")) {
            progress.at(0, 1);
            List<int[]> written = Passages.written(model, new int[0], PASSAGES, PASSAGE_TOKENS, options.seed());
            progress.at(1, 1);
            return written;
        }
    }

    /** Every position of some of the passages after a block, [positions][d_model]. */
    private static List<float[]> rows(ActivationCache run, int from, int to, int layer) {
        Site site = new Site(Site.Kind.RESIDUAL_POST, layer);
        return IntStream.range(from, to)
                .boxed()
                .flatMap(passage -> Stream.of(run.all(passage, site)))
                .toList();
    }

    private void train(LensTraining training, List<float[]> states, List<float[]> last) {
        Random random = new Random(options.seed());
        List<Integer> order = List.of();
        int next = 0;
        for (int step = 0; step < options.steps(); step++) {
            if (next + BATCH > order.size()) {
                order = SeededOrder.shuffled(
                        IntStream.range(0, states.size()).boxed().toList(), random);
                next = 0;
            }
            List<Integer> batch = order.subList(next, Math.min(next + BATCH, order.size()));
            next += BATCH;
            training.step(
                    batch.stream().map(states::get).toList(),
                    batch.stream().map(last::get).toList(),
                    options.learningRate() * (1 - (double) step / options.steps()));
        }
    }
}
