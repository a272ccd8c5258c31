package modelpatch.model;

import java.util.Arrays;

/**
 * A change of one activation at one position of one sequence, given to a run as a value.
 *
 * @param site kind and layer
 * @param position position in the sequence's own tokens, from 0 (the shared prefix not counted)
 * @param from first column that changes
 * @param values what the columns become, or what is added to them
 * @param adds whether values are added rather than put in place
 */
public record Intervention(Site site, int position, int from, float[] values, boolean adds) {

    public Intervention {
        values = values.clone();
    }

    /** Puts a whole row in place. */
    public static Intervention replace(Site site, int position, float[] row) {
        return new Intervention(site, position, 0, row, false);
    }

    /** Adds to a whole row. */
    public static Intervention add(Site site, int position, float[] row) {
        return new Intervention(site, position, 0, row, true);
    }

    /**
     * Puts one head's z in place.
     *
     * @param z the head's output before W_O, [d_head]
     */
    public static Intervention head(HeadAddress head, int position, float[] z) {
        return new Intervention(new Site(Site.Kind.Z, head.layer()), position, head.head() * z.length, z, false);
    }

    /** Changes a row in place; called on copies only. */
    void applyTo(float[] row) {
        for (int i = 0; i < values.length; i++) {
            row[from + i] = adds ? row[from + i] + values[i] : values[i];
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Intervention that
                && site.equals(that.site)
                && position == that.position
                && from == that.from
                && adds == that.adds
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * site.hashCode() + 7 * position + from + Arrays.hashCode(values);
    }
}
