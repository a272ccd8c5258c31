package modelpatch.model;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import modelpatch.architecture.LengthClasses;
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
    private final Map<Integer, SteppedPrefix> prefixes = new TreeMap<>();
    private LanguageModel model;
    private Tensor residual;
    private int layer;

    /** The prefix of sequences of one length class. */
    private final class SteppedPrefix {
        private final Group group;
        private final Tensor[] keys;
        private final Tensor[] values;
        private Tensor residual;

        SteppedPrefix(int[] ids, int atLeast) {
            int layers = model.config().nLayers();
            group = Group.beginning(none, 1, ids.length, layers, atLeast);
            keys = new Tensor[layers];
            values = new Tensor[layers];
            try (Engine.Scope scope = Engine.scope()) {
                residual = model.decoder().embed(ids, List.of(group)).ownedBy(owner);
            }
        }

        Prefix prefix() {
            return new Prefix(group.length(), keys, values, owner);
        }

        /** Through the block at hand; leaves the block's keys and values where the prompts find them. */
        Tensor run() {
            Tensor after = model.decoder().blocks(residual, List.of(group), layer, layer + 1, Hooks.NONE);
            keys[layer] = replace(keys[layer], Prefix.byHead(group.keys(layer)));
            values[layer] = replace(values[layer], Prefix.byHead(group.values(layer)));
            return after;
        }
    }

    /** The prefix steps along with the prompts: its keys and values above an edited block are those of the edited model. */
    SteppedRun(LanguageModel model, int[] prefix, List<int[]> prompts) {
        this.model = model;
        this.none = Prefix.empty(model.config());
        LengthClasses classes = model.layout().lengthClasses();
        this.batch = new Ragged(
                prompts,
                Batches.byLength(prompts),
                length -> prefix.length == 0
                        ? none
                        : prefixes.computeIfAbsent(
                                        classes.of(prefix.length + length),
                                        of -> new SteppedPrefix(prefix, classes.shortest(of)))
                                .prefix());
        this.lastRows = IntStream.range(0, prompts.size())
                .map(prompt -> batch.firstRow(prompt) + prompts.get(prompt).length - 1)
                .toArray();
        try (Engine.Scope scope = Engine.scope()) {
            residual = model.decoder().embed(batch.ids(), batch.groups()).ownedBy(owner);
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
                prefixes.values().forEach(one -> one.residual = replace(one.residual, one.run()));
                Tensor after = run(layer, Hooks.NONE);
                residual = replace(residual, after);
                layer++;
            }
        }
        try (Engine.Scope scope = Engine.scope()) {
            prefixes.values().forEach(SteppedPrefix::run);
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

    private Tensor replace(Tensor before, Tensor after) {
        if (before != null) {
            before.free();
        }
        return after.ownedBy(owner);
    }

    @Override
    public void close() {
        owner.close();
        none.close();
    }
}
