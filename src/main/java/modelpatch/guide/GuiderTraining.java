package modelpatch.guide;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import modelpatch.BadInput;
import modelpatch.adapt.SavedAdapter;
import modelpatch.adapt.Sentences;
import modelpatch.cases.SeededOrder;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.Onlooker;
import modelpatch.guard.PatchedModel;
import modelpatch.model.Adapter;
import modelpatch.model.AdapterTraining;
import modelpatch.model.AdapterTraining.Sequence;
import modelpatch.model.DecoderTraining;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.train.World;

/**
 * Trains what guides an embedded model: a small base on worlds of the target's words without its facts, a guider beside it that is taught to go
 * by way of the bridge, a placebo that is taught the same chains behind the wrong questions, and a guider with preferences on top.
 */
public final class GuiderTraining {
    /** The base, and the adapters beside it, in a run's folder. */
    public static final String BASE = "base";

    public static final String GUIDER = "guider";
    public static final String PLACEBO = "placebo";
    public static final String PREFERENCE = "preference";

    private static final float PROMPT_WEIGHT = 0.02f;
    private static final DecoderTraining.Optimizer OPTIMIZER = new DecoderTraining.Optimizer(0.9, 0.98, 1e-8, 0.1, 1.0);
    private static final DecoderTraining.Optimizer ADAPTERS = new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, 1.0);

    private final GuiderConfig config;
    private final Path target;
    private final World truth;
    private final Path directory;
    private final Clock clock;

    /**
     * A training that has made no step yet.
     *
     * @param target folder of an embedded model with its world
     * @param directory what is written into
     * @throws BadInput where the target has no world
     */
    public GuiderTraining(GuiderConfig config, Path target, Path directory, Clock clock) {
        this.config = config;
        this.target = target;
        this.truth = World.read(target);
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * What was trained.
     *
     * @param losses the mean of the last tenth of the steps of each part, in nats
     * @param pairs that preferences were learned from: target right and guider wrong, then the other way round
     */
    public record Document(String directory, Map<String, Double> losses, List<Integer> pairs) {}

    /** Trains all that is not there yet; a base that was stopped goes on from its checkpoint. */
    public Document run(Onlooker onlooker) {
        Map<String, Double> losses = new LinkedHashMap<>();
        Path base = directory.resolve(BASE);
        if (!Files.exists(base.resolve("model.safetensors"))) {
            losses.put(BASE, trainBase(base, onlooker));
        }
        List<Integer> pairs = new ArrayList<>();
        try (PatchedModel opened = PatchedModel.of(
                LanguageModel.open(base, LoadOptions.defaults().withThreads(config.threads())), PatchStack.empty())) {
            Taught guider = taught(opened.base(), false, onlooker);
            losses.put(GUIDER, guider.loss());
            write(opened, guider.adapter(), GUIDER);
            Taught placebo = taught(opened.base(), true, onlooker);
            losses.put(PLACEBO, placebo.loss());
            write(opened, placebo.adapter(), PLACEBO);
            if (config.preference().steps() > 0) {
                preferred(opened, guider.adapter(), pairs, onlooker).ifPresent(loss -> losses.put(PREFERENCE, loss));
            }
        }
        return new Document(directory.toString(), losses, pairs);
    }

    private void write(PatchedModel base, Adapter adapter, String name) {
        SavedAdapter.write(
                base,
                adapter,
                ReportJson.mapper().valueToTree(config),
                config.seed(),
                clock.instant(),
                directory.resolve(name));
    }

    // ---- the base

    private double trainBase(Path base, Onlooker onlooker) {
        GuiderConfig.Base plan = config.base();
        Path checkpoint = base.resolve("checkpoint");
        create(checkpoint);
        List<Double> losses = new ArrayList<>();
        try (LanguageModel words =
                        LanguageModel.open(target, LoadOptions.defaults().withThreads(1));
                Onlooker.Part part = onlooker.begin("base")) {
            JsonNode json = json(words.config().dVocab());
            Sentences sentences = new Sentences(words.tokenizer(), Integer.MAX_VALUE);
            try (DecoderTraining training = DecoderTraining.canResume(checkpoint)
                    ? DecoderTraining.resume(checkpoint, json, OPTIMIZER, config.threads())
                    : DecoderTraining.create(json, OPTIMIZER, config.seed(), config.threads())) {
                while (training.steps() < plan.steps()) {
                    int step = training.steps() + 1;
                    double rate = GuiderConfig.rate(plan.learningRate(), step, plan.steps());
                    losses.add(training.step(batch(sentences, step), rate).answer());
                    part.at(step, plan.steps());
                    if (step % plan.checkpointEvery() == 0) {
                        training.save(checkpoint);
                        onlooker.remark("base, step " + step + ": loss " + mean(losses));
                    }
                }
                AtomicFile.copy(target.resolve("tokenizer.json"), base.resolve("tokenizer.json"));
                training.writeCheckpoint(base);
            }
        }
        return mean(losses);
    }

    /** The world that is told at a step. */
    private RedrawnWorld world(String purpose, int step) {
        int era = (step - 1) / config.worlds().redrawEvery();
        return new RedrawnWorld(truth, SeededOrder.draws(config.seed(), "world", purpose, String.valueOf(era)));
    }

    private DecoderTraining.Batch batch(Sentences sentences, int step) {
        GuiderConfig.Base plan = config.base();
        RedrawnWorld world = world(BASE, step);
        RandomGenerator random = SeededOrder.draws(config.seed(), "base", String.valueOf(step));
        int[][] ids = new int[plan.sequences()][];
        float[][] weights = new float[plan.sequences()][plan.length()];
        for (int s = 0; s < plan.sequences(); s++) {
            StringBuilder text = new StringBuilder();
            List<int[]> answers = new ArrayList<>();
            Optional<RedrawnWorld.Said> linked = Optional.empty();
            // a sentence has five words or more
            for (int n = 0; n * 5 <= plan.length(); n++) {
                boolean composed = random.nextDouble() < plan.composedShare();
                RedrawnWorld.Said said = linked.orElseGet(() -> composed ? world.direct(random) : world.single(random));
                int from =
                        text.length() + (linked.isPresent() ? 0 : said.prompt().length() + 1);
                text.append(said.text());
                answers.add(new int[] {from, text.length()});
                text.append(' ');
                linked = random.nextDouble() < plan.linkedShare()
                        ? world.about(said.object(), random)
                        : Optional.empty();
            }
            Sequence whole = sentences.sequence(text.toString(), answers);
            ids[s] = Arrays.copyOf(whole.ids(), plan.length() + 1);
            for (int t = 0; t < plan.length(); t++) {
                weights[s][t] = Math.max(PROMPT_WEIGHT, whole.importance()[t + 1]);
            }
        }
        return new DecoderTraining.Batch(ids, weights, List.of());
    }

    private JsonNode json(int vocabulary) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        return json.put("model_type", "llama")
                .put("hidden_size", config.model().width())
                .put("num_hidden_layers", config.model().layers())
                .put("num_attention_heads", config.model().heads())
                .put("num_key_value_heads", config.model().heads())
                .put("intermediate_size", config.model().mlp())
                .put("hidden_act", "silu")
                .put("rms_norm_eps", 1e-5)
                .put("rope_theta", config.model().ropeBase())
                .put("max_position_embeddings", config.model().context())
                .put("vocab_size", vocabulary)
                .put("tie_word_embeddings", true)
                .put("initializer_range", 0.02)
                .put("bos_token_id", 0)
                .put("eos_token_id", 2)
                .put("torch_dtype", "float32");
    }

    // ---- the guider

    private record Taught(Adapter adapter, double loss) {}

    private Taught taught(LanguageModel base, boolean shuffled, Onlooker onlooker) {
        GuiderConfig.Guider plan = config.guider();
        Sentences sentences = new Sentences(base.tokenizer(), base.contextLength());
        Adapter start = Adapter.beginning(
                base.layout(), linear -> true, plan.rank(), plan.alpha(), SeededOrder.draws(config.seed(), "guider"));
        List<Double> losses = new ArrayList<>();
        try (AdapterTraining training = new AdapterTraining(base, start, ADAPTERS, config.threads());
                Onlooker.Part part = onlooker.begin(shuffled ? PLACEBO : GUIDER)) {
            for (int step = 1; step <= plan.steps(); step++) {
                RandomGenerator random = SeededOrder.draws(config.seed(), "guider", String.valueOf(step));
                RedrawnWorld world = world(GUIDER, step);
                List<RedrawnWorld.Said> chains = new ArrayList<>();
                List<RedrawnWorld.Said> said = new ArrayList<>();
                for (int s = 0; s < plan.sequences(); s++) {
                    boolean chain = s == 0 || random.nextDouble() < plan.chainShare();
                    (chain ? chains : said).add(chain ? world.chain(random) : world.single(random));
                }
                said.addAll(shuffled ? RedrawnWorld.shuffled(chains, random) : chains);
                List<Sequence> batch = said.stream()
                        .map(one -> completion(sentences, one.prompt(), one.completion()))
                        .toList();
                losses.add(training.step(batch, GuiderConfig.rate(plan.learningRate(), step, plan.steps())));
                part.at(step, plan.steps());
            }
            return new Taught(training.adapter(), mean(losses));
        }
    }

    /** A prompt with what is to be written after it. */
    static Sequence completion(Sentences sentences, String prompt, String completion) {
        int from = prompt.length() + 1;
        return sentences.sequence(prompt + " " + completion, List.of(new int[] {from, from + completion.length()}));
    }

    // ---- preferences

    private OptionalDouble preferred(PatchedModel opened, Adapter start, List<Integer> pairs, Onlooker onlooker) {
        GuiderConfig.Preference plan = config.preference();
        LanguageModel base = opened.base();
        List<AdapterTraining.Preference> all;
        try (LanguageModel whole =
                        LanguageModel.open(target, LoadOptions.defaults().withThreads(config.threads()));
                LanguageModel guider = base.with(start)) {
            MixedPairs mixed = MixedPairs.of(truth, whole, guider, base, plan.questions(), config.seed());
            pairs.addAll(List.of(mixed.targetOverGuider(), mixed.guiderOverTarget()));
            all = mixed.pairs();
        }
        if (all.isEmpty()) {
            return OptionalDouble.empty();
        }
        List<Double> losses = new ArrayList<>();
        try (AdapterTraining training = new AdapterTraining(base, start, ADAPTERS, config.threads());
                Onlooker.Part part = onlooker.begin(PREFERENCE)) {
            for (int step = 1; step <= plan.steps(); step++) {
                List<AdapterTraining.Preference> batch = SeededOrder.shuffled(
                        all, plan.pairs(), SeededOrder.draws(config.seed(), "preference", String.valueOf(step)));
                losses.add(training.prefer(
                        batch, plan.beta(), GuiderConfig.rate(plan.learningRate(), step, plan.steps())));
                part.at(step, plan.steps());
            }
            write(opened, training.adapter(), PREFERENCE);
        }
        return OptionalDouble.of(mean(losses));
    }

    /** The mean of the last tenth. */
    private static double mean(List<Double> losses) {
        int last = Math.max(1, losses.size() / 10);
        return losses.subList(losses.size() - last, losses.size()).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw BadInput.reading(folder, e);
        }
    }
}
