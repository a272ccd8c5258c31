package modelpatch.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.architecture.Attention;
import modelpatch.architecture.Block;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Embedding.LearnedPositions;
import modelpatch.architecture.Linear;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Norm;
import modelpatch.architecture.Projection;
import modelpatch.architecture.QueryGain;
import modelpatch.architecture.Rotary;
import modelpatch.architecture.Slopes;
import modelpatch.export.OnnxGraph.Value;

/**
 * The forward pass of every family as an ONNX graph, for prompts and for single tokens after kept keys and values.
 *
 * <p>Shapes: B sequences, S new positions, T all positions (kept and new), H query heads, K key-value heads, G = H / K, D = d_key or d_head. Where no
 * attention is involved the rows of all sequences lie below one another, [B*S, d_model].
 */
final class DecoderGraph {
    /** Added to a score that must not count. Finite, so that a row of padding alone stays free of NaN. */
    private static final double HIDDEN = -1e30;

    private final DecoderLayout layout;
    private final ModelConfig config;
    private final GraphWeights weights;
    private final OnnxGraph graph;
    private final Operators operators;
    private final NormGraph norms;
    private final MlpGraph mlps;
    private final Value ids;
    private final Value mask;
    private final Value positions;
    private final Value batch;
    private final IdentityHashMap<Rotary, Rotation> rotations = new IdentityHashMap<>();
    private final Map<Mask, Value> biases = new HashMap<>();

    /** Queries or keys [B, S, heads, D], turned by their positions. */
    private interface Rotation {
        Value turn(Value x, long heads);
    }

    private DecoderGraph(DecoderLayout layout, GraphWeights weights, OnnxGraph graph, Operators operators) {
        this.layout = layout;
        this.config = layout.config();
        this.weights = weights;
        this.graph = graph;
        this.operators = operators;
        this.norms = new NormGraph(graph, weights, operators);
        this.mlps = new MlpGraph(graph, weights);
        this.ids = graph.input("input_ids", DataType.INT64, "batch", "sequence");
        this.mask = graph.input("attention_mask", DataType.INT64, "batch", "total");
        this.positions = graph.input("position_ids", DataType.INT64, "batch", "sequence");
        graph.in("/inputs");
        this.batch = graph.size(ids, 0);
    }

    /** Writes the whole model into an empty graph. */
    static void write(DecoderLayout layout, GraphWeights weights, OnnxGraph graph, Operators operators) {
        new DecoderGraph(layout, weights, graph, operators).write();
    }

    private void write() {
        Value x = embed();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            x = block(layer, x);
        }
        graph.in("/unembedding");
        Value logits = scaled(
                linear(layout.unembedding().linear(), norm(layout.finalNorm(), x)),
                layout.unembedding().scale());
        if (layout.unembedding().cap().isPresent()) {
            logits = softCap(logits, layout.unembedding().cap().get());
        }
        Value shape =
                graph.concatenate(0, batch, graph.longs(-1, config.dVocab())).value();
        Value output = graph.reshape(logits, shape).named("logits");
        graph.output(output, DataType.FLOAT, "batch", "sequence", config.dVocab());
    }

    /** [B*S, d_model] */
    private Value embed() {
        graph.in("/embedding");
        Value x = graph.gather(weights.tensor(layout.embedding().table()), ids, 0);
        if (layout.embedding().scale().isPresent()) {
            x = graph.multiply(x, graph.number(layout.embedding().scale().get()));
        }
        if (layout.embedding().positions().isPresent()) {
            LearnedPositions learned = layout.embedding().positions().get();
            Value rows = learned.offset() == 0 ? positions : graph.add(positions, graph.longs(learned.offset()));
            x = graph.add(x, graph.gather(weights.tensor(learned.table()), rows, 0));
        }
        return norm(layout.embedding().norm(), graph.reshape(x, -1, config.dModel()));
    }

    private Value scaled(Value x, Optional<Double> scale) {
        return scale.map(factor -> graph.multiply(x, graph.number(factor))).orElse(x);
    }

    private Value block(int layer, Value pre) {
        Block w = layout.blocks().get(layer);
        Optional<Rotation> rotation = w.attention().rotary().map(this::rotation);
        graph.in("/layers." + layer + "/attention");
        Value normed = norm(w.attentionNorm(), pre);
        Value z = heads(w.attention(), layer, normed, rotation);
        Value attention = norm(w.attentionOutNorm(), linear(w.attention().output(), z));
        Value mid = graph.add(pre, scaled(attention, w.residualScale()));
        graph.in("/layers." + layer + "/mlp");
        Value read = switch (w.mlpReads()) {
            case ATTENTION_INPUT -> normed;
            case PRE -> norm(w.mlpNorm(), pre);
            case MID -> norm(w.mlpNorm(), mid);
        };
        return graph.add(mid, scaled(norm(w.mlpOutNorm(), mlps.apply(w.mlp(), read)), w.residualScale()));
    }

    /** Queries, keys and values, each [B*S, heads*D] or, per head, [B*S, heads, D]. */
    private List<Value> project(Attention attention, Value x) {
        long h = config.nHeads();
        long kv = config.nKeyValueHeads();
        long d = config.dHead();
        return attention
                .projection()
                .fold(
                        separate -> List.of(
                                linear(separate.query(), x), linear(separate.key(), x), linear(separate.value(), x)),
                        concatenated -> graph.split(linear(concatenated.queryKeyValue(), x), 1, h * d, kv * d, kv * d),
                        perHead -> {
                            long queries = h / kv * d;
                            Value all = linear(perHead.queryKeyValue(), x);
                            return graph.split(graph.reshape(all, -1, kv, queries + 2 * d), 2, queries, d, d);
                        },
                        latent -> project(latent, x));
    }

    /** What turns is put first in queries and keys, as the engine does. */
    private List<Value> project(Projection.Latent latent, Value x) {
        long h = config.nHeads();
        long turning = latent.turning();
        long still = config.dKey() - turning;
        Value narrow = latent.queryDown()
                .map(down -> norms.apply(down.norm(), linear(down.linear(), x)))
                .orElse(x);
        List<Value> query =
                graph.split(graph.reshape(linear(latent.query(), narrow), -1, h, config.dKey()), 2, still, turning);
        List<Value> down = graph.split(
                linear(latent.keyValueDown(), x), 1, latent.keyValue().dIn(), turning);
        Value both = linear(latent.keyValue(), norms.apply(latent.keyValueNorm(), down.get(0)));
        List<Value> keyValue =
                graph.split(graph.reshape(both, -1, h, still + config.dHead()), 2, still, config.dHead());
        Value shared = graph.expand(graph.unsqueeze(down.get(1), 1), 1, h, 1);
        return List.of(
                graph.concatenate(2, query.get(1), query.get(0)).value(),
                graph.concatenate(2, shared, keyValue.get(0)).value(),
                keyValue.get(1));
    }

    /** z of every head, [B*S, H*D]. */
    private Value heads(Attention attention, int layer, Value x, Optional<Rotation> rotation) {
        long h = config.nHeads();
        long kv = config.nKeyValueHeads();
        List<Value> projected = project(attention, x);
        boolean first = !attention.normsAfterRotation();
        Optional<Norm> none = Optional.empty();
        Value q =
                split(projected.get(0), first ? attention.queryNorm() : none, attention.normsHeads(), h, config.dKey());
        Value k =
                split(projected.get(1), first ? attention.keyNorm() : none, attention.normsHeads(), kv, config.dKey());
        Value v = split(projected.get(2), none, false, kv, config.dHead());
        if (attention.clip().isPresent()) {
            double bound = attention.clip().get();
            q = graph.clip(q, bound);
            k = graph.clip(k, bound);
            v = graph.clip(v, bound);
        }
        if (rotation.isPresent()) {
            q = rotation.get().turn(q, h);
            k = rotation.get().turn(k, kv);
        }
        if (!first) {
            q = norm(attention.queryNorm(), q);
            k = norm(attention.keyNorm(), k);
        }
        if (attention.queryGain().isPresent()) {
            q = graph.multiply(q, gain(attention.queryGain().get()));
        }
        return attendsAtOnce(attention) ? attendAtOnce(attention, layer, q, k, v) : attend(attention, layer, q, k, v);
    }

    /** By one operator; it would cap what the mask hides too, so scores that are capped, have biases or sinks are computed step by step. */
    private boolean attendsAtOnce(Attention attention) {
        return operators == Operators.FUSED
                && attention.cap().isEmpty()
                && attention.slopes().isEmpty()
                && attention.sinks().isEmpty();
    }

    /** 1 + beta log(1 + floor((position + offset) / length)), [B, S, 1, 1] */
    private Value gain(QueryGain gain) {
        Value position = graph.cast(graph.add(positions, graph.longs(gain.offset())), DataType.FLOAT);
        Value steps = graph.apply("Floor", graph.divide(position, graph.number(gain.length())));
        Value grown = graph.multiply(graph.apply("Log", graph.add(steps, graph.number(1))), graph.number(gain.beta()));
        return graph.unsqueeze(graph.add(grown, graph.number(1)), 2, 3);
    }

    /** Layers that turn alike share their tables. */
    private Rotation rotation(Rotary rotary) {
        Rotation known = rotations.get(rotary);
        if (known == null) {
            known = newRotation(rotary);
            rotations.put(rotary, known);
        }
        return known;
    }

    private Rotation newRotation(Rotary rotary) {
        RotaryTables tables = new RotaryTables(rotary, config.nCtx(), rotations.size());
        graph.in("/rotary");
        Value rows = rotary.beyond().map(this::rowsBeyond).orElse(positions);
        if (operators == Operators.BASIC) {
            Angles angles = new Angles(graph, rotary, RotaryRows.of(graph, tables, rows), config.dKey());
            return (x, heads) -> angles.turn(x);
        }
        boolean gathers =
                !tables.inBlocks(); // the operator takes whole tables with positions, or a row for each of them
        RotaryRows at = gathers
                ? new RotaryRows(graph.tensor(tables.cosines()), graph.tensor(tables.sines()))
                : RotaryRows.of(graph, tables, rows);
        Value places = gathers ? rows : Value.ABSENT;
        return (x, heads) -> graph.reshape(
                graph.rotaryEmbedding(
                        rows(x, heads * config.dKey()),
                        at.cosines(),
                        at.sines(),
                        places,
                        heads,
                        rotary.dimensions(),
                        rotary.pairs()),
                0,
                0,
                heads,
                config.dKey());
    }

    /** Which rows of the tables a sequence reads: in one that is too long for the first n_ctx, the same of those behind them. */
    private Value rowsBeyond(Rotary.Beyond beyond) {
        Value isLong = graph.above(graph.largest(positions, 1), graph.longs(beyond.length() - 1L));
        return graph.add(positions, graph.where(isLong, graph.longs(config.nCtx()), graph.longs(0)));
    }

    /** Heads [B, S, heads, D] side by side, [B, S, heads*D]. */
    private Value rows(Value x, long width) {
        return graph.reshape(x, 0, 0, width);
    }

    /** What {@link #attend} does as one operator. */
    private Value attendAtOnce(Attention attention, int layer, Value q, Value k, Value v) {
        long h = config.nHeads();
        long kv = config.nKeyValueHeads();
        List<String> present = List.of("present." + layer + ".key", "present." + layer + ".value");
        Value z = graph.attention(
                rows(q, h * config.dKey()),
                rows(k, kv * config.dKey()),
                rows(v, kv * config.dHead()),
                bias(attention),
                past(layer, "key", config.dKey()),
                past(layer, "value", config.dHead()),
                h,
                kv,
                attention.scale(),
                present);
        presents(new Value(present.get(0)), config.dKey());
        presents(new Value(present.get(1)), config.dHead());
        return graph.reshape(z, -1, h * config.dHead());
    }

    /** Rows of a projection as [B, S, heads, D]. */
    private Value split(Value x, Optional<Norm> norm, boolean normsHeads, long heads, long width) {
        Value normed = normsHeads ? x : norm(norm, x);
        Value shape = graph.concatenate(0, batch, graph.longs(-1, heads, width)).value();
        Value split = graph.reshape(normed, shape).value();
        return normsHeads ? norm(norm, split) : split;
    }

    /** softmax(q K^T / sqrt(d)) V over kept and new positions (Vaswani et al. 2017), query heads in groups of one key-value head. */
    private Value attend(Attention attention, int layer, Value q, Value k, Value v) {
        long kv = config.nKeyValueHeads();
        long groups = config.nHeads() / kv;
        Value scaled = graph.multiply(q, graph.number(attention.scale()));
        Value queries = graph.transpose(graph.reshape(scaled, 0, 0, kv, groups, config.dKey()), 0, 2, 3, 1, 4);
        Value keys = kept(layer, "key", k, config.dKey());
        Value values = kept(layer, "value", v, config.dHead());
        Value scores = graph.matMul(queries, graph.transpose(graph.unsqueeze(keys, 2), 0, 1, 2, 4, 3));
        if (attention.cap().isPresent()) {
            scores = softCap(scores, attention.cap().get());
        }
        if (attention.slopes().isPresent()) {
            scores = graph.add(scores, slopes(attention.slopes().get()));
        }
        Value hidden = graph.add(scores, bias(attention));
        Value pattern = attention
                .sinks()
                .map(sinks -> sunk(hidden, weights.tensor(sinks)))
                .orElseGet(() -> graph.softmax(hidden));
        Value z = graph.matMul(pattern, graph.unsqueeze(values, 2)); // [B, K, G, S, D]
        return graph.reshape(graph.transpose(z, 0, 3, 1, 2, 4), -1, (long) config.nHeads() * config.dHead());
    }

    /** The softmax with a sink for each head beside the scores [B, K, G, S, T], which takes its share and is left out. */
    private Value sunk(Value scores, Value sinks) {
        long kv = config.nKeyValueHeads();
        Value column = graph.gather(scores, graph.longs(0), 4);
        Value each = graph.reshape(sinks, kv, config.nHeads() / kv, 1, 1);
        Value sink = graph.add(graph.multiply(column, graph.number(0)), each);
        return graph.allButLast(graph.softmax(graph.concatenate(4, scores, sink).value()), 4);
    }

    /** The past's keys or values with the new ones behind them, [B, K, T, D]; both ends are seen by the caller of the model. */
    private Value kept(int layer, String what, Value fresh, long width) {
        Value all = graph.concatenate(2, past(layer, what, width), graph.transpose(fresh, 0, 2, 1, 3))
                .named("present." + layer + "." + what);
        return presents(all, width);
    }

    private Value past(int layer, String what, long width) {
        String name = "past_key_values." + layer + "." + what;
        return graph.input(name, DataType.FLOAT, "batch", (long) config.nKeyValueHeads(), "past", width);
    }

    private Value presents(Value all, long width) {
        graph.output(all, DataType.FLOAT, "batch", (long) config.nKeyValueHeads(), "total", width);
        return all;
    }

    /** slope * position of the key, [B, K, G, 1, T] */
    private Value slopes(Slopes slopes) {
        float[] values = new float[slopes.perHead().length];
        for (int head = 0; head < values.length; head++) {
            values[head] = (float) slopes.perHead()[head];
        }
        long kv = config.nKeyValueHeads();
        Value slope = graph.reshape(graph.floats(values), kv, config.nHeads() / kv, 1, 1);
        Value counted = graph.subtract(graph.cumulativeSum(mask, 1), graph.longs(1));
        Value place = graph.unsqueeze(graph.cast(counted, DataType.FLOAT), 1, 2, 3);
        return graph.multiply(slope, place);
    }

    /**
     * What a bias depends on.
     *
     * @param window how many positions, itself included, a query sees; 0 for all
     * @param chunks whether the window is the query's own part of a sequence in parts of that length
     * @param grouped whether it is for heads in groups
     */
    private record Mask(int window, boolean chunks, boolean grouped) {}

    private Value bias(Attention attention) {
        return biases.computeIfAbsent(
                new Mask(attention.window(), attention.chunks(), !attendsAtOnce(attention)), this::bias);
    }

    /**
     * 0 where a query sees a key, {@link #HIDDEN} where it does not, [B, 1, S, T], or [B, 1, 1, S, T] for grouped heads. Positions are
     * counted among the tokens that the mask lets stand, so padding may lie on either side.
     */
    private Value bias(Mask asked) {
        Value counted = graph.cumulativeSum(mask, 1); // [B, T]
        Value key = graph.unsqueeze(counted, 1);
        Value query = graph.unsqueeze(graph.last(counted, graph.size(ids, 1)), 2);
        Value visible = graph.and(graph.notAbove(key, query), graph.unsqueeze(graph.cast(mask, DataType.BOOL), 1));
        if (asked.chunks()) {
            visible = graph.and(visible, graph.same(chunk(key, asked.window()), chunk(query, asked.window())));
        } else if (asked.window() > 0) {
            visible = graph.and(visible, graph.above(key, graph.subtract(query, graph.longs(asked.window()))));
        }
        Value bias = graph.where(visible, graph.number(0), graph.number(HIDDEN));
        return asked.grouped() ? graph.unsqueeze(bias, 1, 2) : graph.unsqueeze(bias, 1);
    }

    /** The part of its sequence that a position is in, counted from 1. */
    private Value chunk(Value counted, int length) {
        return graph.divide(graph.subtract(counted, graph.longs(1)), graph.longs(length));
    }

    private Value softCap(Value x, double cap) {
        return graph.multiply(graph.apply("Tanh", graph.divide(x, graph.number(cap))), graph.number(cap));
    }

    private Value linear(Linear linear, Value x) {
        return weights.linear(linear, x);
    }

    private Value norm(Optional<Norm> norm, Value x) {
        return norm.map(one -> norms.apply(one, x)).orElse(x);
    }
}
