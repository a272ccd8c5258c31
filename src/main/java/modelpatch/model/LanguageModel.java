package modelpatch.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.architecture.ModelConfig;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;
import modelpatch.tokenizer.SpecialTokens;
import modelpatch.tokenizer.Tokenizer;

/**
 * A decoder language model that can be run, read and intervened upon. Immutable: a patched model is another object that shares every
 * untouched tensor with this one ({@link #with}). Token ids and plain arrays go in and out; native memory stays inside. Not for use by
 * several threads at once.
 */
public final class LanguageModel implements AnswerModel, AutoCloseable {

    private final Checkpoint checkpoint;
    private final DecoderLayout layout;
    private final ModelConfig config;
    private final Weights weights;
    private final Decoder decoder;
    private final LogitReader unembedding;
    private final Optional<Tokenizer> tokenizer;
    /** Where this is a view, the model that it is a view of. */
    private final Optional<LanguageModel> of;

    private final Optional<Unchanged> unchanged;
    private final KeptPrefixes prefixes = new KeptPrefixes(this);
    private final KeptBeginnings beginnings = new KeptBeginnings(this);

    private LanguageModel(
            Checkpoint checkpoint,
            DecoderLayout layout,
            Weights weights,
            Optional<Tokenizer> tokenizer,
            Optional<LanguageModel> of,
            Optional<Unchanged> unchanged) {
        this.checkpoint = checkpoint;
        this.layout = layout;
        this.config = layout.config();
        this.weights = weights;
        this.decoder = new Decoder(layout, weights);
        this.unembedding = new LogitReader(decoder, config);
        this.tokenizer = tokenizer;
        this.of = of;
        this.unchanged = unchanged;
    }

    /**
     * Opens a checkpoint directory or a GGUF file.
     *
     * @throws BadInput if the checkpoint is broken, its architecture is not understood, its weights are not finite, or it needs more memory than is allowed
     */
    public static LanguageModel open(Path path, LoadOptions options) {
        Checkpoint checkpoint = Checkpoint.open(path);
        try {
            DecoderLayout layout = DecoderLayout.of(checkpoint);
            Admission.requireMemory(checkpoint, options);
            if (!options.allowNonFinite()) {
                Admission.requireFinite(checkpoint);
            }
            Engine.useThreads(options.threads());
            Optional<Tokenizer> tokenizer = Tokenizer.find(checkpoint)
                    .map(found -> found.within(layout.config().dVocab()));
            return new LanguageModel(
                    checkpoint,
                    layout,
                    Weights.load(checkpoint, layout),
                    tokenizer,
                    Optional.empty(),
                    Optional.empty());
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /** Bytes that a model needs: its float32 weights, and the engine with its working space. */
    public static long memoryNeeded(Checkpoint checkpoint) {
        return Admission.memoryNeeded(checkpoint);
    }

    /** The same model with some tensors replaced: row-major float32 values in the checkpoint's own orientation. Close it before this. */
    public LanguageModel with(Map<String, float[]> replacements) {
        Optional<Unchanged> common = of.isPresent() ? unchanged : Optional.of(new Unchanged(this, config.nLayers()));
        return new LanguageModel(
                checkpoint,
                layout,
                weights.with(replacements),
                tokenizer,
                Optional.of(this),
                Unchanged.below(common, layout, replacements.keySet()));
    }

    /**
     * The same model with an adapter beside its weights. Close it before this.
     *
     * @throws BadInput where the adapter is another model's
     */
    public LanguageModel with(Adapter adapter) {
        adapter.requireFits(layout, name());
        return new LanguageModel(
                checkpoint, layout, weights.with(adapter), tokenizer, Optional.of(this), Optional.empty());
    }

    public ModelConfig config() {
        return config;
    }

    /** Name of the checkpoint's file or directory. */
    public String name() {
        return checkpoint.name();
    }

    /** SHA-256 over the stored tensors of the base checkpoint. */
    public String digest() {
        return checkpoint.digest();
    }

    public Checkpoint checkpoint() {
        return checkpoint;
    }

    public long parameters() {
        return Admission.parameters(checkpoint);
    }

    /** Name and version of the engine that runs this model. */
    public static String engineVersion() {
        return Engine.version();
    }

    /** Native arrays alive on this thread outside any weights; a leak test counts them. */
    public static int liveNativeArrays() {
        return Engine.liveArrays();
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new BadInput(
                "no tokenizer",
                name(),
                "tokenizer.json beside the weights",
                "none",
                "give token ids (--ids), or put the model's tokenizer.json there"));
    }

    public boolean hasTokenizer() {
        return tokenizer.isPresent();
    }

    @Override
    public Set<Integer> endTokens() {
        return new LinkedHashSet<>(SpecialTokens.of(checkpoint).ends());
    }

    @Override
    public int contextLength() {
        return config.nCtx();
    }

    /** A tensor's values as float32, row-major in the checkpoint's own orientation; a copy. */
    public float[] weight(String name) {
        return weights.get(name).toFloats();
    }

    /** The description that this model runs by. */
    public DecoderLayout layout() {
        return layout;
    }

    /** The name of W_O of a block, [d_model, n_heads * d_head] (or transposed, see {@link #storesTransposed}). */
    public String outputName(int layer) {
        return layout.blocks().get(layer).attention().output().weight();
    }

    /**
     * The name of W_down of a block, the MLP's second matrix, [d_model, d_mlp] (or transposed).
     *
     * @throws BadInput where the block's MLP has not one such matrix but several
     */
    public String mlpOutName(int layer) {
        return layout.blocks()
                .get(layer)
                .mlp()
                .output()
                .map(Linear::weight)
                .orElseThrow(() -> new BadInput(
                        "no W_down of a whole layer",
                        "layer " + layer + " of " + name(),
                        "an MLP with one second matrix",
                        "experts, each with its own",
                        "edit W_O"));
    }

    /** Whether linear layers are stored as [d_in, d_out], as GPT-2 does. */
    public boolean storesTransposed() {
        return layout.blocks().get(0).attention().output().transposed();
    }

    /** Whether a norm stands between W_O and the residual stream (Gemma 2, OLMo 2). */
    public boolean normsAttentionOutput() {
        return layout.blocks().stream()
                .anyMatch(block -> block.attentionOutNorm().isPresent());
    }

    /** Whether a norm stands between the MLP's second matrix and the residual stream (Gemma 2, OLMo 2). */
    public boolean normsMlpOutput() {
        return layout.blocks().stream().anyMatch(block -> block.mlpOutNorm().isPresent());
    }

    Decoder decoder() {
        return decoder;
    }

    /** What this view has in common with its root; empty for a model of its own, and where nothing is left. */
    Optional<Unchanged> unchanged() {
        return unchanged;
    }

    KeptBeginnings beginnings() {
        return beginnings;
    }

    Weights weights() {
        return weights;
    }

    @Override
    public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
        ActivationCache cache = run(prefix, prompts, Set.of(), List.of());
        return IntStream.range(0, prompts.size()).mapToObj(cache::logits).toList();
    }

    @Override
    public float[][] allLogits(int[] prefix, int[] prompt) {
        requireUsable(prefix, prompt, 0);
        WholePass pass = new WholePass(this, prefix, List.of(prompt));
        try (Engine.Scope scope = Engine.scope()) {
            Tensor x = pass.run(pass.batch(List.of(0)), List.of(0));
            return FiniteLogits.require(decoder.unembed(x).toRows());
        }
    }

    /**
     * Runs prompts side by side.
     *
     * @param reads activations to keep
     * @param interventions by prompt; an empty list for none at all
     */
    public ActivationCache run(
            int[] prefix, List<int[]> prompts, Set<Site> reads, List<List<Intervention>> interventions) {
        return run(prefix, prompts, reads, interventions, true);
    }

    /** As {@link #run(int[], List, Set, List)}; without logits the run stops after the last block that is read. */
    public ActivationCache run(
            int[] prefix,
            List<int[]> prompts,
            Set<Site> reads,
            List<List<Intervention>> interventions,
            boolean wantsLogits) {
        prompts.forEach(prompt -> requireUsable(prefix, prompt, 0));
        reads.forEach(this::requireSite);
        interventions.forEach(set -> set.forEach(change -> requireSite(change.site())));
        List<Map<Site, float[][]>> kept = new ArrayList<>();
        prompts.forEach(prompt -> kept.add(new LinkedHashMap<>()));
        float[][] logits = new float[prompts.size()][];
        int blocks = wantsLogits
                ? config.nLayers()
                : 1 + reads.stream().mapToInt(Site::layer).max().orElse(-1);
        Prefixes shared = Prefixes.of(this, prefix, prompts, 0);
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> chunk : Batches.of(prompts, config)) {
            pieces.add(
                    () -> run(shared, prompts, chunk, reads, interventions, blocks, kept, wantsLogits ? logits : null));
        }
        Engine.sideBySide(pieces);
        return new ActivationCache(kept, logits);
    }

    /** @throws BadInput where no activation of the forward pass is that of the site */
    void requireSite(Site site) {
        boolean hidden = site.kind() == Site.Kind.MLP_HIDDEN;
        if (hidden && layout.blocks().get(site.layer()).mlp().output().isEmpty()) {
            throw new BadInput(
                    "no hidden units of a whole layer",
                    "layer " + site.layer() + " of " + name(),
                    "an MLP with one second matrix",
                    "experts, each with its own",
                    "read or change what the MLP adds to the residual stream");
        }
    }

    /** One batch of a run; each prompt's activations and logits go to its own places. */
    private void run(
            Prefixes prefix,
            List<int[]> prompts,
            List<Integer> chunk,
            Set<Site> reads,
            List<List<Intervention>> interventions,
            int blocks,
            List<Map<Site, float[][]>> kept,
            float[][] logits) {
        try (Engine.Scope scope = Engine.scope()) {
            Ragged batch = new Ragged(prompts, chunk, prefix::before);
            Rows changes = new Rows();
            for (int prompt : chunk) {
                if (!interventions.isEmpty()) {
                    for (Intervention change : interventions.get(prompt)) {
                        changes.add(batch.firstRow(prompt) + change.position(), change);
                    }
                }
            }
            Hooks hooks = (kind, layer, rows) -> {
                Tensor changed = changes.apply(kind, layer, rows);
                Site site = new Site(kind, layer);
                if (reads.contains(site)) {
                    float[][] all = changed.toRows();
                    for (int prompt : chunk) {
                        int first = batch.firstRow(prompt);
                        int length = prompts.get(prompt).length;
                        kept.get(prompt).put(site, Arrays.copyOfRange(all, first, first + length));
                    }
                }
                return changed;
            };
            Tensor x = decoder.blocks(decoder.embed(batch.ids(), batch.groups()), batch.groups(), 0, blocks, hooks);
            if (logits != null) {
                int[] last = chunk.stream()
                        .mapToInt(prompt -> batch.firstRow(prompt) + prompts.get(prompt).length - 1)
                        .toArray();
                float[][] rows =
                        FiniteLogits.require(decoder.unembed(x.rows(last)).toRows());
                for (int i = 0; i < last.length; i++) {
                    logits[chunk.get(i)] = rows[i];
                }
            }
        }
    }

    /** Starts prompts that go on block by block. */
    public SteppedRun step(int[] prefix, List<int[]> prompts) {
        prompts.forEach(prompt -> requireUsable(prefix, prompt, 0));
        return new SteppedRun(this, prefix, prompts, null);
    }

    /** Starts prompts where another run of the same prompts stood; what lies below is not run again. */
    public SteppedRun step(int[] prefix, List<int[]> prompts, SteppedRun.Standing from) {
        return new SteppedRun(this, prefix, prompts, from);
    }

    /** Records a run so that interventions can be resumed from it. */
    public RecordedRun record(int[] prefix, int[] prompt) {
        return record(prefix, List.of(prompt)).get(0);
    }

    /** Records runs side by side, each so that interventions can be resumed from it. Every one is the caller's to close. */
    public List<RecordedRun> record(int[] prefix, List<int[]> prompts) {
        prompts.forEach(prompt -> requireUsable(prefix, prompt, 0));
        return RecordedRun.of(this, prefix.length, Prefixes.of(this, prefix, prompts, 0), prompts);
    }

    /**
     * What recorded runs of this model would have said, had interventions been made; all are resumed side by side.
     *
     * @param whole whether the whole vocabulary is computed, for probabilities; logits alone are cheaper
     * @return by question, by set
     */
    public List<List<Readout>> resume(List<WhatIf> asked, boolean whole) {
        asked.forEach(one -> one.sets().forEach(set -> set.forEach(change -> requireSite(change.site()))));
        return new ResumedBatches(this).of(asked, whole);
    }

    /** As {@link #lens(List, int[][], boolean)}, with the same tokens for every row. */
    public LensReading lens(List<float[]> residuals, int[] tokens, boolean normed) {
        int[][] byRow = new int[residuals.size()][];
        Arrays.fill(byRow, tokens);
        return lens(residuals, byRow, normed);
    }

    /**
     * Reads rows of the residual stream through the unembedding (the logit lens).
     *
     * @param residuals [rows][d_model]
     * @param tokens whose logits and ranks are wanted, [rows][tokens], equally many for each row
     * @param normed through the final norm, as the model itself does; otherwise raw
     */
    public LensReading lens(List<float[]> residuals, int[][] tokens, boolean normed) {
        return unembedding.lens(residuals, tokens, normed);
    }

    /** Readouts of rows of the residual stream after the last block, [rows][tokens]. */
    List<Readout> readouts(Tensor residual, int[][] tokens, boolean whole) {
        return unembedding.readouts(residual, tokens, whole);
    }

    @Override
    public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
        List<int[]> whole = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] all = TokenIds.joined(prompts.get(i), continuations.get(i));
            requireUsable(prefix, all, 0);
            if (prompts.get(i).length
                    == 0) { // the token before it would be the prefix's last, which is no row of the batch
                throw PromptRoom.emptyPrompt();
            }
            whole.add(all);
        }
        return ScoredContinuations.of(this, prefix, whole, continuations);
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        return generate(prefix, prompts, Collections.nCopies(prompts.size(), new int[0]), maxNewTokens, stop);
    }

    @Override
    public List<int[]> generate(
            int[] prefix, List<int[]> prompts, List<int[]> drafts, int maxNewTokens, Predicate<int[]> stop) {
        prompts.forEach(prompt -> requireUsable(prefix, prompt, maxNewTokens));
        return new DraftedGeneration(this, prefix, prompts, drafts, maxNewTokens, stop).run();
    }

    /** Prompts that go on by tokens of the caller's choice, all side by side. The run is the caller's to close. */
    public OpenRun open(int[] prefix, List<int[]> prompts) {
        prompts.forEach(prompt -> requireUsable(prefix, prompt, 0));
        int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
        return new OpenRun(this, Prefixes.of(this, prefix, prompts, config.nCtx() - prefix.length - longest), prompts);
    }

    Tensor pass(int[] ids, List<Group> groups, Hooks hooks) {
        return decoder.blocks(decoder.embed(ids, groups), groups, 0, config.nLayers(), hooks);
    }

    /** How many prompts one call should have so that several workers have full batches. */
    public int promptsAtOnce() {
        return Batches.most(config) * Batches.atOnce();
    }

    /** How many rows one call should resume so that several workers have full batches. */
    public int rowsAtOnce() {
        return new ResumedBatches(this).mostRows() * Batches.atOnce();
    }

    /** As {@link KeptPrefixes#get}. */
    Prefix prefix(int[] ids, int lengthClass) {
        return prefixes.get(ids, lengthClass);
    }

    private void requireUsable(int[] prefix, int[] prompt, int newTokens) {
        PromptRoom.require(config, prefix, prompt, newTokens);
    }

    void requireIds(int[] ids) {
        config.requireIds(ids);
    }

    @Override
    public void close() {
        prefixes.close();
        weights.close();
        if (of.isEmpty()) {
            tokenizer.ifPresent(Tokenizer::close);
            checkpoint.close();
        }
    }
}
