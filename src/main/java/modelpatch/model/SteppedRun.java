package modelpatch.model;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Prompts that run side by side and stop before a block, so that the block's weights can be changed before it runs: an edit of several
 * blocks, each on the model that carries the edits below it, costs one pass. Owns native memory.
 */
public final class SteppedRun implements AutoCloseable {
    private final Engine.Owner owner = Engine.owner();
    private final Ragged batch;
    private final int[] lastRows;
    private final Prefix none;
    private final Group prefixGroup;
    private final Tensor[] prefixKeys;
    private final Tensor[] prefixValues;
    private LanguageModel model;
    private Tensor prefixResidual;
    private Tensor residual;
    private int layer;

    /** The prefix steps along with the prompts: its keys and values above an edited block are those of the edited model. */
    SteppedRun(LanguageModel model, int[] prefix, List<int[]> prompts) {
        this.model = model;
        int layers = model.config().nLayers();
        this.none = Prefix.empty(model.config());
        this.prefixGroup = Group.keeping(none, 1, prefix.length, layers);
        this.prefixKeys = new Tensor[layers];
        this.prefixValues = new Tensor[layers];
        Prefix shared = prefix.length == 0 ? none : new Prefix(prefix.length, prefixKeys, prefixValues, owner);
        this.batch = new Ragged(prompts, Batches.byLength(prompts), shared);
        this.lastRows = IntStream.range(0, prompts.size())
                .map(prompt -> batch.firstRow(prompt) + prompts.get(prompt).length - 1)
                .toArray();
        try (Engine.Scope scope = Engine.scope()) {
            residual = model.decoder().embed(batch.ids(), batch.groups()).ownedBy(owner);
            if (prefix.length > 0) {
                prefixResidual =
                        model.decoder().embed(prefix, List.of(prefixGroup)).ownedBy(owner);
            }
        }
    }

    /** From here on the blocks run with the weights of another view of the same model. The view must live as long as this run. */
    public void use(LanguageModel view) {
        model = view;
    }

    /**
     * Runs up to a block and reads it, without going past it.
     *
     * @param block at least the block of the last reading
     * @return activations at each prompt's last position, by kind [prompt][columns]
     */
    public Map<Site.Kind, float[][]> read(int block, Set<Site.Kind> kinds) {
        kinds.forEach(kind -> model.requireSite(new Site(kind, block)));
        if (block < layer) {
            throw new IllegalArgumentException("block " + block + " lies behind block " + layer);
        }
        while (layer < block) {
            try (Engine.Scope scope = Engine.scope()) {
                Tensor prefixAfter = runPrefix();
                Tensor after = run(layer, Hooks.NONE);
                prefixResidual = replace(prefixResidual, prefixAfter);
                residual = replace(residual, after);
                layer++;
            }
        }
        try (Engine.Scope scope = Engine.scope()) {
            runPrefix();
            Map<Site.Kind, float[][]> found = new EnumMap<>(Site.Kind.class);
            run(block, (kind, at, rows) -> {
                if (kinds.contains(kind)) {
                    found.put(kind, rows.rows(lastRows).toRows());
                }
                return rows;
            });
            return found;
        }
    }

    private Tensor run(int block, Hooks hooks) {
        return model.decoder().blocks(residual, batch.groups(), block, block + 1, hooks);
    }

    /** The prefix through the block at hand; leaves the block's keys and values where the prompts find them. */
    private Tensor runPrefix() {
        if (prefixResidual == null) {
            return null;
        }
        Tensor after = model.decoder().blocks(prefixResidual, List.of(prefixGroup), layer, layer + 1, Hooks.NONE);
        prefixKeys[layer] = replace(prefixKeys[layer], Prefix.byHead(prefixGroup.keys(layer)));
        prefixValues[layer] = replace(prefixValues[layer], Prefix.byHead(prefixGroup.values(layer)));
        return after;
    }

    private Tensor replace(Tensor before, Tensor after) {
        if (before != null) {
            before.free();
        }
        return after == null ? null : after.ownedBy(owner);
    }

    @Override
    public void close() {
        owner.close();
        none.close();
    }
}
