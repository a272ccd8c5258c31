package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.architecture.ModelConfig;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;
import modelpatch.model.Weights.Block;
import modelpatch.model.Weights.Linear;
import modelpatch.model.Weights.Norm;

/**
 * The forward pass of every family. Rows are positions of a ragged batch, [rows, d_model]; only attention knows which rows belong together.
 */
final class Decoder {
    private final ModelConfig config;
    private final Weights weights;

    Decoder(ModelConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
    }

    /** Embeddings (and learned positions) of new tokens, in the order of the groups' rows, [rows, d_model]. */
    Tensor embed(int[] ids, List<Group> groups) {
        Tensor x = Engine.run("embed", weights.embedding(), Engine.ids(ids));
        if (weights.family().scaledEmbedding()) {
            x = x.times(Math.sqrt(config.dModel()));
        }
        if (weights.family().positions() != null) {
            int[] positions = positions(groups);
            for (int i = 0; i < positions.length; i++) {
                positions[i] += weights.family().positionOffset();
            }
            x = x.plus(Engine.run("embed", weights.positions(), Engine.ids(positions)));
        }
        return x;
    }

    /** The residual stream after blocks {@code from} (included) to {@code to} (excluded), owned by the scope of the caller. */
    Tensor blocks(Tensor residual, List<Group> groups, int from, int to, Hooks hooks) {
        Optional<Angles> angles = config.rotary().map(rotary -> Angles.of(rotary, positions(groups)));
        Tensor x = residual;
        for (int layer = from; layer < to; layer++) {
            Tensor before = x;
            try (Engine.Scope scope = Engine.scope()) {
                x = scope.keep(block(layer, x, groups, angles, hooks, scope));
            }
            if (layer > from) { // the first one is the caller's
                before.free();
            }
        }
        return x;
    }

    /** Logits of rows of the residual stream after the last block, [rows, d_vocab]. */
    Tensor unembed(Tensor residual) {
        return project(weights.finalNorm().apply(residual));
    }

    /** Logits of rows that are not normed any more: W_U x, its bias and soft cap where the family has them. */
    Tensor project(Tensor x) {
        return capped(weights.unembedding().apply(x));
    }

    /** As {@link #project(Tensor)}, for some tokens alone, [rows, count]. */
    Tensor project(Tensor x, int from, int count) {
        return capped(weights.unembedding().outputs(from, count).apply(x));
    }

    Tensor finalNorm(Tensor residual) {
        return weights.finalNorm().apply(residual);
    }

    private Tensor capped(Tensor logits) {
        return config.finalCap() > 0 ? Engine.run("soft_cap", logits, config.finalCap()) : logits;
    }

    private Tensor block(
            int layer, Tensor input, List<Group> groups, Optional<Angles> angles, Hooks hooks, Engine.Scope scope) {
        Block w = weights.block(layer);
        Tensor pre = hooks.at(Site.Kind.RESIDUAL_PRE, layer, input);
        Tensor normed = norm(w.attentionNorm(), pre);
        Tensor z = hooks.at(Site.Kind.Z, layer, heads(w, layer, normed, groups, angles, scope));
        Tensor attention = norm(w.attentionOutNorm(), w.output().apply(z));
        attention = hooks.at(Site.Kind.ATTENTION_OUT, layer, attention);
        Tensor mid = hooks.at(Site.Kind.RESIDUAL_MID, layer, pre.plus(attention));
        Tensor read = weights.family().sharedNorm() ? normed : norm(w.mlpNorm(), config.parallel() ? pre : mid);
        Tensor hidden = hooks.at(Site.Kind.MLP_HIDDEN, layer, hidden(w, read));
        Tensor mlp = norm(w.mlpOutNorm(), w.mlpOut().apply(hidden));
        mlp = hooks.at(Site.Kind.MLP_OUT, layer, mlp);
        return hooks.at(Site.Kind.RESIDUAL_POST, layer, mid.plus(mlp));
    }

    /** z of every head, [rows, n_heads * d_head]. */
    private Tensor heads(
            Block w, int layer, Tensor x, List<Group> groups, Optional<Angles> angles, Engine.Scope scope) {
        long h = config.nHeads();
        long kv = config.nKeyValueHeads();
        long d = config.dHead();
        Tensor q;
        Tensor k;
        Tensor v;
        if (w.queryKeyValue() == null) {
            q = w.query().apply(x);
            k = w.key().apply(x);
            v = w.value().apply(x);
        } else {
            Tensor fused = w.queryKeyValue().apply(x);
            if ("per_head".equals(weights.family().fused())) {
                Tensor perHead = fused.reshape(-1, h, 3 * d);
                q = perHead.narrow(2, 0, d);
                k = perHead.narrow(2, d, d);
                v = perHead.narrow(2, 2 * d, d);
            } else {
                q = fused.narrow(1, 0, h * d);
                k = fused.narrow(1, h * d, kv * d);
                v = fused.narrow(1, (h + kv) * d, kv * d);
            }
        }
        q = split(q, w.queryNorm(), h);
        k = split(k, w.keyNorm(), kv);
        v = Engine.run("by_head", v, kv);
        if (angles.isPresent()) {
            q = angles.get().turn(q);
            k = angles.get().turn(k);
        }
        List<Tensor> z = new ArrayList<>();
        long row = 0;
        for (Group group : groups) {
            z.add(attend(group, layer, q, k, v, row, scope));
            row += group.rows();
        }
        return Tensor.concatenate(0, z.toArray(Tensor[]::new));
    }

    private Tensor attend(Group group, int layer, Tensor q, Tensor k, Tensor v, long row, Engine.Scope scope) {
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
                config.attentionScale(),
                config.attentionCap(),
                (long) config.windows().get(layer));
    }

    private Tensor split(Tensor x, Norm norm, long heads) {
        boolean perHead = "head".equals(weights.family().normed());
        Tensor normed = norm == null || perHead ? x : norm.apply(x);
        Tensor split = Engine.run("by_head", normed, heads);
        return norm != null && perHead ? norm.apply(split) : split;
    }

    private Tensor hidden(Block w, Tensor x) {
        if (!weights.family().gated()) {
            return activation(w.mlpIn().apply(x));
        }
        if (w.mlpGateIn() != null) {
            Tensor both = w.mlpGateIn().apply(x);
            return activation(both.narrow(1, 0, config.dMlp())).times(both.narrow(1, config.dMlp(), config.dMlp()));
        }
        return activation(w.mlpGate().apply(x)).times(w.mlpIn().apply(x));
    }

    private Tensor activation(Tensor x) {
        return Engine.run(
                switch (config.activation()) {
                    case SILU -> "silu";
                    case RELU -> "relu";
                    case GELU -> "gelu";
                    case GELU_TANH -> "gelu_tanh";
                },
                x);
    }

    private static Tensor norm(Norm norm, Tensor x) {
        return norm == null ? x : norm.apply(x);
    }

    Linear output(int layer) {
        return weights.block(layer).output();
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
