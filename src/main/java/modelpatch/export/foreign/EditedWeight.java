package modelpatch.export.foreign;

import modelpatch.checkpoint.Checkpoint;

/**
 * A weight W [rows, columns] of a checkpoint, as it stores it, without its patches and with them.
 *
 * @param before row-major; not modified
 * @param after the same with the patches
 */
record EditedWeight(String name, int rows, int columns, float[] before, float[] after) {
    static EditedWeight of(Checkpoint base, String name, float[] after) {
        float[] before = base.floats(name);
        int rows = Math.toIntExact(base.tensor(name).shape().get(0));
        return new EditedWeight(name, rows, after.length / rows, before, after);
    }
}
