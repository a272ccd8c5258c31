package modelpatch.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout.Prefix;
import modelpatch.architecture.Embedding.LearnedPositions;
import modelpatch.family.Family;
import modelpatch.family.Part;
import modelpatch.family.Setting;
import modelpatch.family.Switches.Alibi;
import modelpatch.family.Switches.MlpKind;
import modelpatch.family.Switches.MlpReads;
import modelpatch.family.Switches.NormKind;
import modelpatch.family.Switches.WeightOrder;

/** Puts a configuration and its family's row of the table together into a layout. */
final class LayoutReader {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    /** How names of the text part begin in a checkpoint for more than text. */
    private static final List<String> OF_THE_TEXT_PART = List.of("language_model.model.", "model.language_model.");

    private static final Pattern BESIDE_THE_TEXT_PART = Pattern.compile(
            "(model\\.)?(vision_tower|vision_model|visual|multi_modal_projector|audio_tower|embed_vision|embed_audio)\\..*");

    private final Settings settings;
    private final Family family;
    private final ModelConfig config;
    private final Optional<Set<String>> stored;
    private final boolean tied;
    private final String prefix;
    private final Positions layers;
    private final ExpertsReader experts;

    /**
     * @param stored names of the tensors of a checkpoint; a linear layer has a bias exactly where one is stored
     * @param tied whether the unembedding is the embedding
     */
    LayoutReader(Settings settings, Optional<Set<String>> stored, boolean tied) {
        this.settings = settings;
        this.family = settings.family();
        this.config = ModelConfig.of(settings);
        this.stored = stored;
        stored.ifPresent(names -> requireRoomFor(config.nLayers(), names.size()));
        this.tied = tied;
        this.prefix = stored.map(this::prefixAmong).orElse(family.prefixes().get(0));
        this.layers = Positions.of(settings, config);
        this.experts = new ExpertsReader(settings, config, this);
    }

    private String prefixAmong(Set<String> names) {
        String embedding = family.name(Part.EMBEDDING, 0) + WEIGHT;
        return Stream.concat(family.prefixes().stream(), settings.nested() ? OF_THE_TEXT_PART.stream() : Stream.of())
                .filter(one -> names.contains(one + embedding))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no embedding",
                        settings.where(),
                        "a tensor named "
                                + String.join(
                                        " or ",
                                        family.prefixes().stream()
                                                .map(one -> one + embedding)
                                                .toList()),
                        "none among " + names.size() + " tensors",
                        "model_type in config.json may name another family"));
    }

    /** Every block has a tensor of its own. */
    private void requireRoomFor(int layers, int tensors) {
        if (layers > tensors) {
            throw settings.bad(
                    Setting.N_LAYERS, "no more blocks than the " + tensors + " tensors", String.valueOf(layers));
        }
    }

    DecoderLayout read() {
        settings.maybeInteger(Setting.EMBEDDING_WIDTH).ifPresent(width -> {
            if (width != config.dModel()) {
                throw settings.bad(
                        Setting.EMBEDDING_WIDTH, "the width of the model, " + config.dModel(), String.valueOf(width));
            }
        });
        String table = prefix + family.name(Part.EMBEDDING, 0) + WEIGHT;
        return new DecoderLayout(
                config,
                new Embedding(
                        table,
                        family.scaledEmbedding()
                                ? Optional.of(Math.sqrt(config.dModel()))
                                : factor(Setting.EMBEDDING_SCALE),
                        positions(),
                        norm(Part.EMBEDDING_NORM, 0, config.dModel())),
                IntStream.range(0, config.nLayers()).mapToObj(this::block).toList(),
                norm(Part.FINAL_NORM, 0, config.dModel()),
                unembedding(table),
                new Prefix(prefix, family.prefixes().get(0)),
                buffers());
    }

    private Optional<LearnedPositions> positions() {
        return family.has(Part.POSITIONS)
                ? Optional.of(new LearnedPositions(
                        prefix + family.name(Part.POSITIONS, 0) + WEIGHT,
                        config.nCtx() + family.positionOffset(),
                        family.positionOffset()))
                : Optional.empty();
    }

    private Unembedding unembedding(String table) {
        long rows = config.dVocab();
        Linear linear = tied
                ? new Linear(table, Optional.empty(), false, rows, config.dModel())
                : named(unembeddingName(), false, rows, config.dModel());
        Optional<Double> scale = factor(Setting.LOGIT_SCALE)
                .or(() -> factor(Setting.LOGIT_DIVISOR).map(divisor -> 1 / divisor));
        return new Unembedding(linear, tied, scale, cap(Setting.FINAL_CAP));
    }

    /** Without its ending. */
    String unembeddingName() {
        String name = family.name(Part.UNEMBEDDING, 0);
        String inside = "language_model." + name;
        return settings.nested()
                        && stored.filter(names -> names.contains(inside + WEIGHT))
                                .isPresent()
                ? inside
                : name;
    }

    private Block block(int layer) {
        MlpReads reads = settings.flag(Setting.PARALLEL).orElse(false) ? MlpReads.PRE : family.mlpReads();
        return new Block(
                norm(Part.ATTENTION_NORM, layer, config.dModel()),
                attention(layer),
                norm(Part.ATTENTION_OUT_NORM, layer, config.dModel()),
                reads,
                norm(Part.MLP_NORM, layer, config.dModel()),
                mlp(layer),
                norm(Part.MLP_OUT_NORM, layer, config.dModel()),
                factor(Setting.RESIDUAL_MULTIPLIER));
    }

    private Attention attention(int layer) {
        long q = (long) config.nHeads() * config.dHead();
        long kv = (long) config.nKeyValueHeads() * config.dHead();
        return new Attention(
                projection(layer, q, kv),
                queryKeyNorm(Part.QUERY_NORM, layer, config.nHeads()),
                queryKeyNorm(Part.KEY_NORM, layer, config.nKeyValueHeads()),
                cap(Setting.CLIP),
                family.queryKeyNorm().byHead(),
                family.normsAfterRotation(),
                layers.rotary(layer),
                layers.queryGain(layer),
                family.alibi() == Alibi.NONE
                        ? Optional.empty()
                        : Optional.of(Slopes.of(
                                family.alibi(),
                                config.nHeads(),
                                settings.maybeNumber(Setting.ALIBI_BIAS_MAX).orElse(8))),
                family.has(Part.SINKS) ? Optional.of(name(Part.SINKS, layer)) : Optional.empty(),
                scale() * layers.scoreScale(),
                cap(Setting.ATTENTION_CAP),
                layers.window(layer),
                layers.chunks(layer),
                linear(Part.OUTPUT, layer, config.dModel(), q));
    }

    private double scale() {
        return settings.maybeNumber(Setting.ATTENTION_MULTIPLIER)
                .orElseGet(() -> 1
                        / Math.sqrt(
                                settings.maybeNumber(Setting.ATTENTION_SCALAR).orElse(config.dKey())));
    }

    private Optional<Norm> queryKeyNorm(Part part, int layer, int heads) {
        long d = config.dHead();
        return switch (family.queryKeyNorm()) {
            case NONE -> Optional.empty();
            case HEAD -> norm(part, layer, d);
            case PROJECTION -> norm(part, layer, heads * d);
            case OWN_HEAD -> norm(part, layer, heads, d);
            case PLAIN_HEAD ->
                layers.rotary(layer).isPresent()
                        ? Optional.of(new Norm(
                                NormKind.RMS_PLAIN,
                                List.of(),
                                Optional.empty(),
                                settings.number(Setting.NORM_EPSILON),
                                List.of(d)))
                        : Optional.empty();
            case LISTED_HEADS -> {
                String name = prefix + family.name(part, layer);
                yield Optional.of(new Norm(
                        NormKind.LAYER_GAIN,
                        IntStream.range(0, heads)
                                .mapToObj(head -> name + "." + head + WEIGHT)
                                .toList(),
                        Optional.empty(),
                        settings.number(Setting.NORM_EPSILON),
                        List.of((long) heads, d)));
            }
        };
    }

    private Projection projection(int layer, long q, long kv) {
        long d = config.dModel();
        return switch (family.projection()) {
            case SEPARATE ->
                new Projection.Separate(
                        linear(Part.QUERY, layer, q, d),
                        linear(Part.KEY, layer, kv, d),
                        linear(Part.VALUE, layer, kv, d));
            case CONCATENATED -> new Projection.Concatenated(linear(Part.QUERY_KEY_VALUE, layer, q + 2 * kv, d));
            case PER_HEAD -> new Projection.PerHead(linear(Part.QUERY_KEY_VALUE, layer, q + 2 * kv, d));
            case LATENT -> latent(layer);
        };
    }

    private Projection latent(int layer) {
        long d = config.dModel();
        long heads = config.nHeads();
        int turning = settings.integer(Setting.ROTARY_DIMENSIONS);
        int width = settings.integer(Setting.D_KEY_VALUE_LATENT);
        OptionalInt queryWidth = settings.maybeInteger(Setting.D_QUERY_LATENT);
        Optional<Projection.Latent.Bottleneck> queryDown = queryWidth.isEmpty()
                ? Optional.empty()
                : Optional.of(new Projection.Latent.Bottleneck(
                        linear(Part.QUERY_DOWN, layer, queryWidth.getAsInt(), d),
                        latentNorm(Part.QUERY_DOWN_NORM, layer, queryWidth.getAsInt())));
        long q = heads * config.dKey();
        return new Projection.Latent(
                queryDown,
                queryDown.isEmpty()
                        ? linear(Part.QUERY, layer, q, d)
                        : linear(Part.QUERY_UP, layer, q, queryWidth.getAsInt()),
                linear(Part.KEY_VALUE_DOWN, layer, width + turning, d),
                latentNorm(Part.KEY_VALUE_DOWN_NORM, layer, width),
                linear(Part.KEY_VALUE_UP, layer, heads * (config.dKey() - turning + config.dHead()), width),
                turning);
    }

    private Norm latentNorm(Part part, int layer, long size) {
        return new Norm(
                family.norm(),
                List.of(name(part, layer) + WEIGHT),
                Optional.empty(),
                settings.number(Setting.LATENT_EPSILON),
                List.of(size));
    }

    private Mlp mlp(int layer) {
        long d = config.dModel();
        long hidden = config.dMlp();
        if (experts.has(layer)) {
            return experts.read(layer);
        }
        Linear out = linear(Part.MLP_OUT, layer, d, hidden);
        return switch (family.mlp()) {
            case PLAIN -> new Mlp.Plain(linear(Part.MLP_IN, layer, hidden, d), activation(), out);
            case GATED ->
                new Mlp.Gated(
                        linear(Part.MLP_GATE, layer, hidden, d),
                        linear(Part.MLP_IN, layer, hidden, d),
                        activation(),
                        out);
            case FUSED_GATE, CLAMPED_GATE -> fused(linear(Part.MLP_GATE_IN, layer, 2 * hidden, d), out);
        };
    }

    /** Gate and first matrix in one, as the family has them. */
    Mlp fused(Linear gateAndIn, Linear out) {
        return family.mlp() == MlpKind.CLAMPED_GATE
                ? new Mlp.ClampedGate(
                        gateAndIn, settings.number(Setting.GATE_SHARPNESS), settings.number(Setting.GATE_LIMIT), out)
                : new Mlp.FusedGate(gateAndIn, activation(), out);
    }

    Activation activation() {
        String name = settings.text(Setting.ACTIVATION).orElseThrow();
        return Activation.named(name)
                .orElseThrow(() -> new BadInput(
                        "activation",
                        settings.where(),
                        "one of " + Activation.names(),
                        "\"" + name + "\"",
                        "its formula is missing here"));
    }

    private Optional<Double> cap(Setting setting) {
        return settings.maybeNumber(setting).stream().boxed().findFirst();
    }

    /** A factor; empty where it is 1 or not said. */
    private Optional<Double> factor(Setting setting) {
        return settings.maybeNumber(setting).stream()
                .boxed()
                .filter(factor -> factor != 1)
                .findFirst();
    }

    Linear linear(Part part, int layer, long dOut, long dIn) {
        return named(name(part, layer), family.weights() == WeightOrder.IN_OUT, dOut, dIn);
    }

    /** A layer of one expert. */
    Linear linear(Part part, int layer, int expert, long dOut, long dIn) {
        String name = prefix + family.name(part, layer, expert);
        return named(name, family.weights() == WeightOrder.IN_OUT, dOut, dIn);
    }

    /** A layer of one expert in tensors of all; those that are not as a layer has them are named without an ending. */
    Linear slice(Part part, int layer, Linear.Slice slice, boolean transposed, long dOut, long dIn) {
        String name = name(part, layer);
        String bias = name + (transposed ? "_bias" : BIAS);
        return new Linear(
                transposed ? name : name + WEIGHT,
                stored.filter(names -> names.contains(bias)).map(names -> bias),
                transposed,
                dOut,
                dIn,
                Optional.of(slice));
    }

    String name(Part part, int layer) {
        return prefix + family.name(part, layer);
    }

    private Linear named(String name, boolean transposed, long dOut, long dIn) {
        Optional<String> bias =
                stored.filter(names -> names.contains(name + BIAS)).map(names -> name + BIAS);
        return new Linear(name + WEIGHT, bias, transposed, dOut, dIn);
    }

    /** A bias is there by the kind of norm; where the kind leaves it open, exactly where one is stored. */
    private Optional<Norm> norm(Part part, int layer, long... shape) {
        if (!family.has(part)) {
            return Optional.empty();
        }
        NormKind kind = family.norm();
        String name = prefix + family.name(part, layer);
        boolean isStored = stored.filter(names -> names.contains(name + BIAS)).isPresent();
        boolean shifts = switch (kind) {
            case LAYER, LAYER_PLUS_ONE -> true;
            case LAYER_GAIN -> isStored;
            case RMS, RMS_PLUS_ONE, RMS_PLAIN, LAYER_PLAIN -> false;
        };
        return Optional.of(new Norm(
                kind,
                kind == NormKind.LAYER_PLAIN || kind == NormKind.RMS_PLAIN ? List.of() : List.of(name + WEIGHT),
                shifts ? Optional.of(name + BIAS) : Optional.empty(),
                settings.number(Setting.NORM_EPSILON),
                LongStream.of(shape).boxed().toList()));
    }

    private List<String> buffers() {
        List<String> names = new ArrayList<>();
        for (String buffer : family.buffers()) {
            IntStream.range(0, buffer.contains("%d") ? config.nLayers() : 1)
                    .forEach(layer -> names.add(prefix + buffer.replace("%d", Integer.toString(layer))));
        }
        if (tied) {
            names.add(unembeddingName() + WEIGHT); // a stored copy of the embedding
        }
        if (settings.nested()) { // the parts for images and sound, which no prompt of text reaches
            stored.ifPresent(all -> all.stream()
                    .filter(name -> BESIDE_THE_TEXT_PART.matcher(name).matches())
                    .forEach(names::add));
        }
        int last =
                config.nLayers() + settings.maybeListed(Setting.FURTHER_LAYERS).orElse(0);
        for (int layer = config.nLayers(); layer < last; layer++) {
            String block = name(Part.ATTENTION_NORM, layer).replaceAll("(\\." + layer + "\\.).*", "$1");
            stored.stream()
                    .flatMap(Set::stream)
                    .filter(name -> name.startsWith(block))
                    .forEach(names::add);
        }
        return names;
    }
}
