package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout.Prefix;
import modelpatch.architecture.Embedding.LearnedPositions;
import modelpatch.family.Family;
import modelpatch.family.Part;
import modelpatch.family.Setting;
import modelpatch.family.Switches.MlpReads;
import modelpatch.family.Switches.NormKind;
import modelpatch.family.Switches.QueryKeyNorm;
import modelpatch.family.Switches.RotaryKind;
import modelpatch.family.Switches.WeightOrder;

/** Puts a configuration and its family's row of the table together into a layout. */
final class LayoutReader {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private final Settings settings;
    private final Family family;
    private final ModelConfig config;
    private final Optional<Set<String>> stored;
    private final String prefix;
    private final Optional<Rotary> rotary;
    private final List<Integer> windows;
    private final ExpertsReader experts;

    /** @param stored names of the tensors of a checkpoint; a linear layer has a bias exactly where one is stored */
    LayoutReader(Settings settings, Optional<Set<String>> stored) {
        this.settings = settings;
        this.family = settings.family();
        this.config = ModelConfig.of(settings);
        this.stored = stored;
        this.prefix = stored.map(this::prefixAmong).orElse(family.prefixes().get(0));
        this.rotary = family.rotary() == RotaryKind.NONE
                ? Optional.empty()
                : Optional.of(RotaryReader.read(settings, config.dHead()));
        this.windows = Windows.of(settings, config.nLayers());
        this.experts = new ExpertsReader(settings, config, this);
    }

    private String prefixAmong(Set<String> names) {
        String embedding = family.name(Part.EMBEDDING, 0) + WEIGHT;
        return family.prefixes().stream()
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

    DecoderLayout read() {
        String table = prefix + family.name(Part.EMBEDDING, 0) + WEIGHT;
        return new DecoderLayout(
                config,
                new Embedding(
                        table,
                        family.scaledEmbedding() ? Optional.of(Math.sqrt(config.dModel())) : Optional.empty(),
                        positions()),
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
        boolean tied = settings.flag(Setting.TIED).orElse(false);
        long rows = config.dVocab();
        Linear linear = tied
                ? new Linear(table, Optional.empty(), false, rows, config.dModel())
                : named(family.name(Part.UNEMBEDDING, 0), false, rows, config.dModel());
        return new Unembedding(linear, tied, cap(Setting.FINAL_CAP));
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
                norm(Part.MLP_OUT_NORM, layer, config.dModel()));
    }

    private Attention attention(int layer) {
        long q = (long) config.nHeads() * config.dHead();
        long kv = (long) config.nKeyValueHeads() * config.dHead();
        boolean normsHeads = family.queryKeyNorm() == QueryKeyNorm.HEAD;
        return new Attention(
                projection(layer, q, kv),
                norm(Part.QUERY_NORM, layer, normsHeads ? config.dHead() : q),
                norm(Part.KEY_NORM, layer, normsHeads ? config.dHead() : kv),
                normsHeads,
                rotary,
                1 / Math.sqrt(settings.maybeNumber(Setting.ATTENTION_SCALAR).orElse(config.dHead())),
                cap(Setting.ATTENTION_CAP),
                windows.get(layer),
                linear(Part.OUTPUT, layer, config.dModel(), q));
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
        };
    }

    private Mlp mlp(int layer) {
        long d = config.dModel();
        long hidden = config.dMlp();
        if (experts.has(layer)) {
            return experts.read(layer, activation());
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
            case FUSED_GATE -> new Mlp.FusedGate(linear(Part.MLP_GATE_IN, layer, 2 * hidden, d), activation(), out);
        };
    }

    private Activation activation() {
        String name = settings.text(Setting.ACTIVATION).orElseThrow();
        return Activation.named(name)
                .orElseThrow(() -> new BadInput(
                        "activation",
                        settings.where(),
                        "one of silu, relu, gelu, gelu_new, gelu_pytorch_tanh",
                        "\"" + name + "\"",
                        "its formula is missing here"));
    }

    private Optional<Double> cap(Setting setting) {
        return settings.maybeNumber(setting).stream().boxed().findFirst();
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

    private Optional<Norm> norm(Part part, int layer, long size) {
        if (!family.has(part)) {
            return Optional.empty();
        }
        String name = prefix + family.name(part, layer);
        Optional<String> bias = family.norm() == NormKind.LAYER ? Optional.of(name + BIAS) : Optional.empty();
        return Optional.of(new Norm(family.norm(), name + WEIGHT, bias, settings.number(Setting.NORM_EPSILON), size));
    }

    private List<String> buffers() {
        List<String> names = new ArrayList<>();
        for (String buffer : family.buffers()) {
            IntStream.range(0, buffer.contains("%d") ? config.nLayers() : 1)
                    .forEach(layer -> names.add(prefix + buffer.replace("%d", Integer.toString(layer))));
        }
        if (settings.flag(Setting.TIED).orElse(false)) {
            names.add(family.name(Part.UNEMBEDDING, 0) + WEIGHT); // a stored copy of the embedding
        }
        return names;
    }

    /** What layers see at once. */
    private static final class Windows {
        private static final String SLIDING = "sliding_attention";
        private static final String FULL = "full_attention";

        private Windows() {}

        /** By layer: how many positions, itself included, a query sees; 0 for all. */
        static List<Integer> of(Settings settings, int nLayers) {
            int window = settings.flag(Setting.USES_WINDOW).orElse(true)
                    ? settings.maybeInteger(Setting.WINDOW).orElse(0)
                    : 0;
            Optional<JsonNode> types = settings.value(Setting.LAYER_TYPES);
            return IntStream.range(0, nLayers)
                    .mapToObj(layer ->
                            types.map(kinds -> slides(settings, kinds, layer)).orElseGet(() -> slides(settings, layer))
                                    ? window
                                    : 0)
                    .toList();
        }

        private static boolean slides(Settings settings, JsonNode kinds, int layer) {
            String kind = kinds.path(layer).asText("none");
            if (!kind.equals(SLIDING) && !kind.equals(FULL)) {
                throw new BadInput(
                        "layer type",
                        settings.where(),
                        SLIDING + " or " + FULL,
                        "\"" + kind + "\" at layer " + layer,
                        "this kind of layer is missing here");
            }
            return kind.equals(SLIDING);
        }

        private static boolean slides(Settings settings, int layer) {
            return switch (settings.family().windows()) {
                case ALL -> layer >= first(settings);
                case ALTERNATING ->
                    layer % 2 == 0
                            && layer
                                    < settings.maybeCount(Setting.WINDOW_LAYERS).orElse(Integer.MAX_VALUE);
            };
        }

        /** max_window_layers of Qwen counts the layers without a window, which come first. */
        private static int first(Settings settings) {
            return settings.value(Setting.FIRST_WINDOW_LAYER)
                    .map(JsonNode::asInt)
                    .orElse(0);
        }
    }
}
