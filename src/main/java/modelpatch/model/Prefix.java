package modelpatch.model;

import java.util.List;
import modelpatch.architecture.ModelConfig;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** Keys and values of tokens that several sequences share, per layer [n_key_value_heads, length, d_head]. Owns them. */
final class Prefix implements AutoCloseable {
    private final int length;
    private final Tensor[] keys;
    private final Tensor[] values;
    private final Engine.Owner owner;

    Prefix(int length, Tensor[] keys, Tensor[] values, Engine.Owner owner) {
        this.length = length;
        this.keys = keys;
        this.values = values;
        this.owner = owner;
    }

    /** No tokens at all. */
    static Prefix empty(ModelConfig config) {
        Engine.Owner owner = Engine.owner();
        Tensor[] keys = new Tensor[config.nLayers()];
        Tensor[] values = new Tensor[config.nLayers()];
        java.util.Arrays.fill(keys, Engine.floats(owner, new float[0], config.nKeyValueHeads(), 0, config.dKey()));
        java.util.Arrays.fill(values, Engine.floats(owner, new float[0], config.nKeyValueHeads(), 0, config.dHead()));
        return new Prefix(0, keys, values, owner);
    }

    /**
     * Runs tokens once and keeps their keys and values.
     *
     * @param atLeast how long the sequences will be that begin with them, at least
     */
    static Prefix of(LanguageModel model, int[] ids, int atLeast) {
        int layers = model.config().nLayers();
        Engine.Owner owner = Engine.owner();
        Tensor[] keys = new Tensor[layers];
        Tensor[] values = new Tensor[layers];
        int from = model.unchanged().map(Unchanged::blocks).orElse(0);
        try (Engine.Scope scope = Engine.scope()) {
            Group group = Group.beginning(model.prefix(new int[0], 0), 1, ids.length, layers, atLeast);
            if (from == 0) {
                model.pass(ids, List.of(group), Hooks.NONE);
            } else {
                LanguageModel root = model.unchanged().orElseThrow().root();
                Prefix below = root.prefix(ids, 0);
                for (int layer = 0; layer < from; layer++) {
                    keys[layer] = Engine.run("clone", below.keys(layer)).ownedBy(owner);
                    values[layer] = Engine.run("clone", below.values(layer)).ownedBy(owner);
                }
                float[] before = root.beginnings().before(from, new int[0], List.of(ids))[0];
                Tensor x = Engine.floats(before, ids.length, model.config().dModel());
                model.decoder().blocks(x, List.of(group), from, layers, Hooks.NONE);
            }
            for (int layer = from; layer < layers; layer++) {
                keys[layer] = byHead(group.keys(layer)).ownedBy(owner);
                values[layer] = byHead(group.values(layer)).ownedBy(owner);
            }
        }
        return new Prefix(ids.length, keys, values, owner);
    }

    /** [1, length, heads, d_head] as [heads, length, d_head]. */
    static Tensor byHead(Tensor kept) {
        return kept.select(0, 0).permute(1, 0, 2);
    }

    int length() {
        return length;
    }

    Tensor keys(int layer) {
        return keys[layer];
    }

    Tensor values(int layer) {
        return values[layer];
    }

    @Override
    public void close() {
        owner.close();
    }
}
