package modelpatch.model;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.architecture.Activation;
import modelpatch.architecture.Attention;
import modelpatch.architecture.Block;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Embedding.LearnedPositions;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Norm;
import modelpatch.architecture.Rotary;
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
        return x;
    }

    /** The residual stream after blocks {@code from} (included) to {@code to} (excluded), owned by the scope of the caller. */
    Tensor blocks(Tensor residual, List<Group> groups, int from, int to, Hooks hooks) {
        Turns turns = new Turns(positions(groups));
        Tensor x = residual;
        for (int layer = from; layer < to; layer++) {
            Tensor before = x;
            Optional<Angles> angles =
                    layout.blocks().get(layer).attention().rotary().map(turns::of);
            try (Engine.Scope scope = Engine.scope()) {
                x = scope.keep(block(layer, x, groups, angles, hooks, scope));
            }
            if (layer > from) { // the first one is the caller's
                before.free();
            }
        }
        return x;
    }

    /** The angles of a run's positions; layers that turn alike share them. */
    private static final class Turns {
        private final int[] positions;
        private final Map<Rotary, Angles> made = new IdentityHashMap<>();

        Turns(int[] positions) {
            this.positions = positions;
        }

        Angles of(Rotary rotary) {
            return made.computeIfAbsent(rotary, one -> Angles.of(one, positions));
        }
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

    Tensor finalNorm(Tensor residual) {
        return weights.apply(layout.finalNorm(), residual);
    }

    private Tensor capped(Tensor logits) {
        Optional<Double> cap = layout.unembedding().cap();
        return cap.isPresent() ? Engine.run("soft_cap", logits, cap.get()) : logits;
    }

    private Tensor block(
            int layer, Tensor input, List<Group> groups, Optional<Angles> angles, Hooks hooks, Engine.Scope scope) {
        Block w = layout.blocks().get(layer);
        Tensor pre = hooks.at(Site.Kind.RESIDUAL_PRE, layer, input);
        Tensor normed = weights.apply(w.attentionNorm(), pre);
        Tensor z = hooks.at(Site.Kind.Z, layer, heads(w.attention(), layer, normed, groups, angles, scope));
        Tensor attention =
                weights.apply(w.attentionOutNorm(), weights.apply(w.attention().output(), z));
        attention = hooks.at(Site.Kind.ATTENTION_OUT, layer, attention);
        Tensor mid = hooks.at(Site.Kind.RESIDUAL_MID, layer, pre.plus(attention));
        Tensor read = switch (w.mlpReads()) {
            case ATTENTION_INPUT -> normed;
            case PRE -> weights.apply(w.mlpNorm(), pre);
            case MID -> weights.apply(w.mlpNorm(), mid);
        };
        Tensor mlp = weights.apply(w.mlpOutNorm(), mlp(w.mlp(), layer, read, hooks));
        mlp = hooks.at(Site.Kind.MLP_OUT, layer, mlp);
        return hooks.at(Site.Kind.RESIDUAL_POST, layer, mid.plus(mlp));
    }

    /** Queries [rows, n_heads * d_head], keys and values [rows, n_key_value_heads * d_head]. */
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
                            Tensor all =
                                    weights.apply(perHead.queryKeyValue(), x).reshape(-1, h, 3 * d);
                            return new QueryKeyValue(all.narrow(2, 0, d), all.narrow(2, d, d), all.narrow(2, 2 * d, d));
                        });
    }

    /** z of every head, [rows, n_heads * d_head]. */
    private Tensor heads(
            Attention attention, int layer, Tensor x, List<Group> groups, Optional<Angles> angles, Engine.Scope scope) {
        QueryKeyValue projected = project(attention, x);
        Tensor q = byHead(projected.query(), attention.queryNorm(), attention.normsHeads(), config.nHeads());
        Tensor k = byHead(projected.key(), attention.keyNorm(), attention.normsHeads(), config.nKeyValueHeads());
        Tensor v = Engine.run("by_head", projected.value(), (long) config.nKeyValueHeads());
        if (angles.isPresent()) {
            q = angles.get().turn(q);
            k = angles.get().turn(k);
        }
        List<Tensor> z = new ArrayList<>();
        long row = 0;
        for (Group group : groups) {
            z.add(attend(attention, group, layer, q, k, v, row, scope));
            row += group.rows();
        }
        return Tensor.concatenate(0, z.toArray(Tensor[]::new));
    }

    private static Tensor attend(
            Attention attention, Group group, int layer, Tensor q, Tensor k, Tensor v, long row, Engine.Scope scope) {
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
                (long) attention.window());
    }

    private Tensor byHead(Tensor x, Optional<Norm> norm, boolean normsHeads, long heads) {
        Tensor normed = normsHeads ? x : weights.apply(norm, x);
        Tensor split = Engine.run("by_head", normed, heads);
        return normsHeads ? weights.apply(norm, split) : split;
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
                experts -> mixture.apply(experts, x));
    }

    private static Tensor activation(Activation activation, Tensor x) {
        return Engine.run(
                switch (activation) {
                    case SILU -> "silu";
                    case RELU -> "relu";
                    case GELU -> "gelu";
                    case GELU_TANH -> "gelu_tanh";
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
}
