package modelpatch.model;

import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Sequences of one length that run side by side after a shared prefix, so that no row of a batch is padding. Its rows are sequence by
 * sequence, position by position.
 */
final class Group {
    private final Prefix prefix;
    private final int count;
    private final int length;
    private final int past;
    private final Tensor[] keys;
    private final Tensor[] values;
    private final boolean keeps;
    private final int atLeast;

    private Group(
            Prefix prefix,
            int count,
            int length,
            int past,
            Tensor[] keys,
            Tensor[] values,
            boolean keeps,
            int atLeast) {
        this.prefix = prefix;
        this.count = count;
        this.length = length;
        this.past = past;
        this.keys = keys;
        this.values = values;
        this.keeps = keeps;
        this.atLeast = atLeast;
    }

    /** {@code count} sequences of {@code length} new positions, nothing kept. */
    static Group of(Prefix prefix, int count, int length) {
        return new Group(prefix, count, length, 0, null, null, false, 0);
    }

    /** As {@link #of}, keeping keys and values so that the sequences can go on. */
    static Group keeping(Prefix prefix, int count, int length, int layers) {
        return beginning(prefix, count, length, layers, 0);
    }

    /** As {@link #keeping}, for the beginnings of sequences that will be of a length, {@code atLeast}, or longer. */
    static Group beginning(Prefix prefix, int count, int length, int layers, int atLeast) {
        return new Group(prefix, count, length, 0, new Tensor[layers], new Tensor[layers], true, atLeast);
    }

    /** The same sequences, those of {@code kept} only, with one more position each. */
    Group next(int[] kept) {
        Tensor[] nextKeys = keys;
        Tensor[] nextValues = values;
        if (kept.length < count) {
            nextKeys = new Tensor[keys.length];
            nextValues = new Tensor[keys.length];
            for (int layer = 0; layer < keys.length; layer++) {
                nextKeys[layer] = keys[layer].rows(kept);
                nextValues[layer] = values[layer].rows(kept);
                keys[layer].free();
                values[layer].free();
            }
        }
        return new Group(prefix, kept.length, 1, past + length, nextKeys, nextValues, true, atLeast);
    }

    int count() {
        return count;
    }

    int length() {
        return length;
    }

    int rows() {
        return count * length;
    }

    Prefix prefix() {
        return prefix;
    }

    /** Position of each sequence's first new token, the prefix counted. */
    int start() {
        return prefix.length() + past;
    }

    /** How long the sequences are, as their positions are turned: up to the last row that is computed, or as long as they will be. */
    int wholeLength() {
        return Math.max(start() + length, atLeast);
    }

    /** Positions after the prefix, the new ones counted. */
    int own() {
        return past + length;
    }

    Tensor keys(int layer) {
        return keys[layer];
    }

    Tensor values(int layer) {
        return values[layer];
    }

    /**
     * Keys for this group's attention: those kept, then the new ones, [count, past + length, n_key_value_heads, d_head]; where nothing is
     * kept the batch's own, untouched.
     *
     * @param fresh the new keys of the whole batch, [rows, n_key_value_heads, d_head]
     * @param row the group's first row
     */
    Tensor withPastKeys(int layer, Tensor fresh, long row, Engine.Scope scope) {
        return withPast(keys, layer, fresh, row, scope);
    }

    /** As {@link #withPastKeys}, for values. */
    Tensor withPastValues(int layer, Tensor fresh, long row, Engine.Scope scope) {
        return withPast(values, layer, fresh, row, scope);
    }

    private Tensor withPast(Tensor[] cache, int layer, Tensor fresh, long row, Engine.Scope scope) {
        if (!keeps) {
            return fresh;
        }
        Tensor own = Engine.run("sequences", fresh, row, (long) count, (long) length);
        Tensor all = past == 0 ? own : Tensor.concatenate(1, cache[layer], own);
        if (past > 0) {
            cache[layer].free();
        }
        cache[layer] = scope.keep(all);
        return all;
    }
}
