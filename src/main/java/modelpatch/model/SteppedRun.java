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
 * Prompts that run side by side and stop inside a block, so that the weights behind its heads can be changed before it goes on: an edit of
 * several blocks, each on the model that carries the edits below it, costs one pass, and no block is run twice. Owns native memory.
 */
public final class SteppedRun implements AutoCloseable {
    private final Engine.Owner owner = Engine.owner();
    private final Ragged batch;
    private final int[] lastRows;
    private final Prefix none;
    private final Map<Integer, SteppedPrefix> prefixes = new TreeMap<>();
    private final Lane lane;
    private LanguageModel model;
    private int layer;

    /**
     * Where a run stands before a block, in numbers of its own.
     *
     * @param layer the block
     * @param rows the residual stream of the prompts
     * @param prefixes the same of their prefix, by length class
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Standing(int layer, float[] rows, Map<Integer, float[]> prefixes) {
        public long bytes() {
            return (long) Float.BYTES
                    * (rows.length
                            + prefixes.values().stream()
                                    .mapToInt(one -> one.length)
                                    .sum());
        }
    }

    /** Rows that go through the blocks together. */
    private final class Lane {
        private final List<Group> groups;
        private Tensor residual;
        private Decoder.Halfway half;

        Lane(int[] ids, List<Group> groups, float[] standing) {
            this.groups = groups;
            try (Engine.Scope scope = Engine.scope()) {
                residual = (standing == null
                                ? model.decoder().embed(ids, groups)
                                : Engine.floats(
                                        standing, ids.length, model.config().dModel()))
                        .ownedBy(owner);
            }
        }

        /** The first half of the block at hand, once. */
        Decoder.Halfway attend() {
            if (half == null) {
                half = model.decoder().attend(layer, residual, groups);
                half.z().ownedBy(owner);
                half.normed().ownedBy(owner);
            }
            return half;
        }

        void goOn() {
            Decoder.Halfway done = attend();
            Tensor after = model.decoder().finish(layer, done, Hooks.NONE).ownedBy(owner);
            done.z().free();
            if (model.layout().blocks().get(layer).attentionNorm().isPresent()) {
                done.normed().free();
            }
            residual.free();
            residual = after;
            half = null;
        }
    }

    /** The prefix of sequences of one length class. */
    private final class SteppedPrefix {
        private final Group group;
        private final Lane lane;
        private final Tensor[] keys;
        private final Tensor[] values;

        SteppedPrefix(int[] ids, int atLeast, float[] standing) {
            int layers = model.config().nLayers();
            group = Group.beginning(none, 1, ids.length, layers, atLeast);
            keys = new Tensor[layers];
            values = new Tensor[layers];
            lane = new Lane(ids, List.of(group), standing);
        }

        Prefix prefix() {
            return new Prefix(group.length(), keys, values, owner);
        }

        /** Leaves the keys and values of the block at hand where the prompts find them. */
        void attend() {
            if (keys[layer] == null) {
                lane.attend();
                keys[layer] = Prefix.byHead(group.keys(layer)).ownedBy(owner);
                values[layer] = Prefix.byHead(group.values(layer)).ownedBy(owner);
            }
        }

        void goOn() {
            lane.goOn();
            keys[layer].free();
            values[layer].free();
        }
    }

    /**
     * The prefix steps along with the prompts: its keys and values above an edited block are those of the edited model.
     *
     * @param from where a run of the same prompts stood; null for the beginning
     */
    SteppedRun(LanguageModel model, int[] prefix, List<int[]> prompts, Standing from) {
        this.model = model;
        this.layer = from == null ? 0 : from.layer();
        this.none = Prefix.empty(model.config());
        LengthClasses classes = model.layout().lengthClasses();
        this.batch = new Ragged(
                prompts,
                Batches.byLength(prompts),
                length -> prefix.length == 0
                        ? none
                        : prefixes.computeIfAbsent(
                                        classes.of(prefix.length + length),
                                        of -> new SteppedPrefix(
                                                prefix,
                                                classes.shortest(of),
                                                from == null
                                                        ? null
                                                        : from.prefixes().get(of)))
                                .prefix());
        this.lastRows = IntStream.range(0, prompts.size())
                .map(prompt -> batch.firstRow(prompt) + prompts.get(prompt).length - 1)
                .toArray();
        this.lane = new Lane(batch.ids(), batch.groups(), from == null ? null : from.rows());
    }

    /**
     * From here on the blocks run with the weights of another view of the same model, the one at hand from behind its heads: what they read
     * must be as it was. The view must live as long as this run.
     */
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
        goTo(block);
        try (Engine.Scope scope = Engine.scope()) {
            prefixes.values().forEach(SteppedPrefix::attend);
            Decoder.Halfway last = lane.attend().rows(lastRows);
            Map<Site.Kind, float[][]> found = new EnumMap<>(Site.Kind.class);
            Hooks reading = (kind, at, rows) -> {
                if (kinds.contains(kind)) {
                    found.put(kind, rows.toRows());
                }
                return rows;
            };
            reading.at(Site.Kind.RESIDUAL_PRE, block, last.pre());
            reading.at(Site.Kind.Z, block, last.z());
            model.decoder().finish(block, last, reading);
            return found;
        }
    }

    /** Where this run stands before a block, which is at least that of the last reading: a run of the same prompts can begin there. */
    public Standing standing(int block) {
        goTo(block);
        Map<Integer, float[]> before = new TreeMap<>();
        prefixes.forEach((of, one) -> before.put(of, one.lane.residual.toFloats()));
        return new Standing(block, lane.residual.toFloats(), before);
    }

    private void goTo(int block) {
        if (block < layer) {
            throw new IllegalArgumentException("block " + block + " lies behind block " + layer);
        }
        for (; layer < block; layer++) {
            try (Engine.Scope scope = Engine.scope()) {
                prefixes.values().forEach(SteppedPrefix::attend);
                lane.goOn();
                prefixes.values().forEach(SteppedPrefix::goOn);
            }
        }
    }

    @Override
    public void close() {
        owner.close();
        none.close();
    }
}
