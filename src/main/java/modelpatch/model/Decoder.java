package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import modelpatch.architecture.Activation;
import modelpatch.architecture.Attention;
import modelpatch.architecture.Block;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Embedding.LearnedPositions;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Norm;
import modelpatch.architecture.Projection;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * The forward pass of every family. Rows are positions of a ragged batch, [rows, d_model]; only attention knows which rows belong together.
 */
final class Decoder {
    /** What the operation takes for a cap that there is not. */
    private static final double NO_CAP = 0;

    private final DecoderLayout layout;
    private final ModelConfig config;
    private final Weights weights;
    private final Mixture mixture;

    Decoder(DecoderLayout layout, Weights weights) {
        this.layout = layout;
        this.config = layout.config();
        this.weights = weights;
        this.mixture = new Mixture(weights, (expert, x) -> mlp(expert, 0, x, Hooks.NONE));
    }

    /** Embeddings (and learned positions) of new tokens, in the order of the groups' rows, [rows, d_model]. */
    Tensor embed(int[] ids, List<Group> groups) {
        Tensor x = Engine.run("embed", weights.get(layout.embedding().table()), Engine.ids(ids));
        if (layout.embedding().scale().isPresent()) {
            x = x.times(layout.embedding().scale().get());
        }
        if (layout.embedding().positions().isPresent()) {
            LearnedPositions learned = layout.embedding().positions().get();
            int[] positions = positions(groups);
            for (int i = 0; i < positions.length; i++) {
                positions[i] += learned.offset();
            }
            x = x.plus(Engine.run("embed", weights.get(learned.table()), Engine.ids(positions)));
        }
        return weights.apply(layout.embedding().norm(), x);
    }

    /** The residual stream after blocks {@code from} (included) to {@code to} (excluded), owned by the scope of the caller. */
    Tensor blocks(Tensor residual, List<Group> groups, int from, int to, Hooks hooks) {
        Places places = new Places(positions(groups), lengths(groups));
        layout.blocks().subList(from, to).forEach(block -> places.prepare(block.attention()));
        Tensor x = residual;
        for (int layer = from; layer < to; layer++) {
            Tensor before = x;
            try (Engine.Scope scope = Engine.scope()) {
                x = scope.keep(block(layer, x, groups, places, hooks, scope));
            }
            if (layer > from) { // the first one is the caller's
                before.free();
            }
        }
        return x;
    }

    /** Logits of rows of the residual stream after the last block, [rows, d_vocab]. */
    Tensor unembed(Tensor residual) {
        return project(finalNorm(residual));
    }

    /** Logits of rows that are not normed any more: W_U x, its bias and soft cap where the family has them. */
    Tensor project(Tensor x) {
        return capped(weights.apply(layout.unembedding().linear(), x));
    }

    /** As {@link #project(Tensor)}, for some tokens alone, [rows, count]. */
    Tensor project(Tensor x, int from, int count) {
        return capped(weights.apply(layout.unembedding().linear(), x, from, count));
    }

    /** As {@link #project(Tensor)}, for chosen tokens alone, [rows, tokens]. */
    Tensor project(Tensor x, int[] tokens) {
        return capped(weights.apply(layout.unembedding().linear(), x, tokens));
    }

    Tensor finalNorm(Tensor residual) {
        return weights.apply(layout.finalNorm(), residual);
    }

    private Tensor capped(Tensor product) {
        Tensor logits = scaled(product, layout.unembedding().scale());
        Optional<Double> cap = layout.unembedding().cap();
        return cap.isPresent() ? Engine.run("soft_cap", logits, cap.get()) : logits;
    }

    private static Tensor scaled(Tensor x, Optional<Double> scale) {
        return scale.isPresent() ? x.times(scale.get()) : x;
    }

    private Tensor block(int layer, Tensor input, List<Group> groups, Places places, Hooks hooks, Engine.Scope scope) {
        return finish(layer, attend(layer, input, groups, places, hooks, scope), hooks);
    }

    /**
     * A block as far as its heads have looked around; what is left treats every row alone.
     *
     * @param pre the residual stream before the block, [rows, d_model]
     * @param normed as the heads read it, [rows, d_model]
     * @param z of all heads, [rows, n_heads * d_head]
     */
    record Halfway(Tensor pre, Tensor normed, Tensor z) {
        Halfway rows(int... ids) {
            return new Halfway(pre.rows(ids), normed.rows(ids), z.rows(ids));
        }
    }

    /** The first half of one block by itself; what it makes belongs to the scope of the caller. */
    Halfway attend(int layer, Tensor input, List<Group> groups) {
        Block w = layout.blocks().get(layer);
        Places places = new Places(positions(groups), lengths(groups));
        places.prepare(w.attention());
        try (Engine.Scope scope = Engine.scope()) {
            Halfway half = attend(layer, input, groups, places, Hooks.NONE, scope);
            Tensor normed = w.attentionNorm().isPresent() ? scope.keep(half.normed()) : input;
            return new Halfway(input, normed, scope.keep(half.z()));
        }
    }

    private Halfway attend(
            int layer, Tensor input, List<Group> groups, Places places, Hooks hooks, Engine.Scope scope) {
        Block w = layout.blocks().get(layer);
        Tensor pre = hooks.at(Site.Kind.RESIDUAL_PRE, layer, input);
        Tensor normed = weights.apply(w.attentionNorm(), pre);
        return new Halfway(
                pre, normed, hooks.at(Site.Kind.Z, layer, heads(w.attention(), layer, normed, groups, places, scope)));
    }

    /** The residual stream after a block, from where {@link #attend} left it. */
    Tensor finish(int layer, Halfway half, Hooks hooks) {
        Block w = layout.blocks().get(layer);
        Tensor pre = half.pre();
        Tensor attention =
                weights.apply(w.attentionOutNorm(), weights.apply(w.attention().output(), half.z()));
        attention = hooks.at(Site.Kind.ATTENTION_OUT, layer, attention);
        Tensor mid = hooks.at(Site.Kind.RESIDUAL_MID, layer, pre.plus(scaled(attention, w.residualScale())));
        Tensor read = switch (w.mlpReads()) {
            case ATTENTION_INPUT -> half.normed();
            case PRE -> weights.apply(w.mlpNorm(), pre);
            case MID -> weights.apply(w.mlpNorm(), mid);
        };
        Tensor mlp = weights.apply(w.mlpOutNorm(), mlp(w.mlp(), layer, read, hooks));
        mlp = hooks.at(Site.Kind.MLP_OUT, layer, mlp);
        return hooks.at(Site.Kind.RESIDUAL_POST, layer, mid.plus(scaled(mlp, w.residualScale())));
    }

    /** Queries [rows, n_heads * d_key], keys [rows, n_key_value_heads * d_key], values [rows, n_key_value_heads * d_head]; or head by head. */
    private record QueryKeyValue(Tensor query, Tensor key, Tensor value) {}

    private QueryKeyValue project(Attention attention, Tensor x) {
        long h = config.nHeads();
        long kv = config.nKeyValueHeads();
        long d = config.dHead();
        return attention
                .projection()
                .fold(
                        separate -> new QueryKeyValue(
                                weights.apply(separate.query(), x),
                                weights.apply(separate.key(), x),
                                weights.apply(separate.value(), x)),
                        concatenated -> {
                            Tensor all = weights.apply(concatenated.queryKeyValue(), x);
                            return new QueryKeyValue(
                                    all.narrow(1, 0, h * d),
                                    all.narrow(1, h * d, kv * d),
                                    all.narrow(1, (h + kv) * d, kv * d));
                        },
                        perHead -> {
                            long queries = h / kv * d;
                            Tensor all =
                                    weights.apply(perHead.queryKeyValue(), x).reshape(-1, kv, queries + 2 * d);
                            return new QueryKeyValue(
                                    all.narrow(2, 0, queries),
                                    all.narrow(2, queries, d),
                                    all.narrow(2, queries + d, d));
                        },
                        latent -> project(latent, x));
    }

    /** What turns is put first in queries and keys: their product is the same, and heads turn in their first dimensions. */
    private QueryKeyValue project(Projection.Latent latent, Tensor x) {
        long h = config.nHeads();
        long turning = latent.turning();
        long still = config.dKey() - turning;
        Tensor narrow = latent.queryDown()
                .map(down -> weights.apply(down.norm(), weights.apply(down.linear(), x)))
                .orElse(x);
        Tensor query = weights.apply(latent.query(), narrow).reshape(-1, h, config.dKey());
        Tensor both = weights.apply(latent.keyValueDown(), x);
        Tensor shared = both.narrow(1, both.size(1) - turning, turning);
        Tensor known = weights.apply(latent.keyValueNorm(), both.narrow(1, 0, both.size(1) - turning));
        Tensor keyValue = weights.apply(latent.keyValue(), known).reshape(-1, h, still + config.dHead());
        return new QueryKeyValue(
                Tensor.concatenate(2, query.narrow(2, still, turning), query.narrow(2, 0, still)),
                Tensor.concatenate(2, Engine.run("for_heads", shared, h), keyValue.narrow(2, 0, still)),
                keyValue.narrow(2, still, config.dHead()));
    }

    /** z of every head, [rows, n_heads * d_head]. */
    private Tensor heads(
            Attention attention, int layer, Tensor x, List<Group> groups, Places places, Engine.Scope scope) {
        QueryKeyValue projected = project(attention, x);
        Tensor q = byHead(projected.query(), attention.queryNorm(), attention, config.nHeads());
        Tensor k = byHead(projected.key(), attention.keyNorm(), attention, config.nKeyValueHeads());
        Tensor v = Engine.run("by_head", clipped(projected.value(), attention), (long) config.nKeyValueHeads());
        if (attention.rotary().isPresent()) {
            Angles angles = places.angles(attention.rotary().get());
            q = angles.turn(q);
            k = angles.turn(k);
        }
        if (attention.normsAfterRotation()) {
            q = weights.apply(attention.queryNorm(), q);
            k = weights.apply(attention.keyNorm(), k);
        }
        if (attention.queryGain().isPresent()) {
            q = q.times(places.gains(attention.queryGain().get()));
        }
        Tensor slopes = places.slopes(attention);
        Tensor sinks = attention.sinks().map(weights::get).orElse(places.none());
        List<Tensor> z = new ArrayList<>();
        long row = 0;
        for (Group group : groups) {
            z.add(attend(attention, slopes, sinks, group, layer, q, k, v, row, scope));
            row += group.rows();
        }
        return Tensor.concatenate(0, z.toArray(Tensor[]::new));
    }

    private static Tensor clipped(Tensor x, Attention attention) {
        return attention.clip().isPresent()
                ? Engine.run("clip", x, attention.clip().get())
                : x;
    }

    private static Tensor attend(
            Attention attention,
            Tensor slopes,
            Tensor sinks,
            Group group,
            int layer,
            Tensor q,
            Tensor k,
            Tensor v,
            long row,
            Engine.Scope scope) {
        return Engine.run(
                "attention",
                q,
                group.withPastKeys(layer, k, row, scope),
                group.withPastValues(layer, v, row, scope),
                row,
                (long) group.count(),
                (long) group.length(),
                group.prefix().keys(layer),
                group.prefix().values(layer),
                attention.scale(),
                attention.cap().orElse(NO_CAP),
                (long) attention.window(),
                attention.chunks() ? 1L : 0L,
                slopes,
                sinks);
    }

    private Tensor byHead(Tensor x, Optional<Norm> norm, Attention attention, long heads) {
        boolean whole = !attention.normsHeads() && !attention.normsAfterRotation();
        Tensor split = Engine.run("by_head", whole ? weights.apply(norm, x) : x, heads);
        boolean each = attention.normsHeads() && !attention.normsAfterRotation();
        return clipped(each ? weights.apply(norm, split) : split, attention);
    }

    Tensor mlp(Mlp mlp, int layer, Tensor x, Hooks hooks) {
        return mlp.fold(
                plain -> {
                    Tensor hidden = activation(plain.activation(), weights.apply(plain.in(), x));
                    return weights.apply(plain.out(), hooks.at(Site.Kind.MLP_HIDDEN, layer, hidden));
                },
                gated -> {
                    Tensor gate = activation(gated.activation(), weights.apply(gated.gate(), x));
                    Tensor hidden = gate.times(weights.apply(gated.in(), x));
                    return weights.apply(gated.out(), hooks.at(Site.Kind.MLP_HIDDEN, layer, hidden));
                },
                fused -> {
                    Tensor both = weights.apply(fused.gateAndIn(), x);
                    long width = both.size(1) / 2;
                    Tensor hidden = activation(fused.activation(), both.narrow(1, 0, width))
                            .times(both.narrow(1, width, width));
                    return weights.apply(fused.out(), hooks.at(Site.Kind.MLP_HIDDEN, layer, hidden));
                },
                clamped -> {
                    Tensor both = weights.apply(clamped.gateAndIn(), x);
                    Tensor hidden = Engine.run("clamped_gate", both, clamped.sharpness(), clamped.limit());
                    return weights.apply(clamped.out(), hooks.at(Site.Kind.MLP_HIDDEN, layer, hidden));
                },
                experts -> mixture.apply(experts, x));
    }

    private static Tensor activation(Activation activation, Tensor x) {
        return Engine.run(
                switch (activation) {
                    case SILU -> "silu";
                    case RELU -> "relu";
                    case GELU -> "gelu";
                    case GELU_TANH -> "gelu_tanh";
                    case QUICK_GELU -> "quick_gelu";
                    case SQUARED_RELU -> "squared_relu";
                },
                x);
    }

    private static int[] positions(List<Group> groups) {
        int[] positions = new int[groups.stream().mapToInt(Group::rows).sum()];
        int row = 0;
        for (Group group : groups) {
            for (int i = 0; i < group.rows(); i++) {
                positions[row++] = group.start() + i % group.length();
            }
        }
        return positions;
    }

    /** For each row, how long its sequence is. */
    private static int[] lengths(List<Group> groups) {
        return groups.stream()
                .flatMapToInt(group -> IntStream.generate(group::wholeLength).limit(group.rows()))
                .toArray();
    }
}
