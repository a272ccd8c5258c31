package modelpatch.model;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** Interventions bound to the rows of a batch, by site: what turns values into the hook of a pass. */
final class Rows {
    private final Map<Site, Map<Integer, List<Intervention>>> bySite = new LinkedHashMap<>();

    /** @param row row of the batch on which the intervention acts */
    void add(int row, Intervention intervention) {
        bySite.computeIfAbsent(intervention.site(), site -> new TreeMap<>())
                .computeIfAbsent(row, r -> new java.util.ArrayList<>())
                .add(intervention);
    }

    /** Puts the changed rows in place of those of the pass; everything else goes through as it is. */
    Tensor apply(Site.Kind kind, int layer, Tensor x) {
        Map<Integer, List<Intervention>> changes = bySite.get(new Site(kind, layer));
        if (changes == null) {
            return x;
        }
        int[] rows = ids(changes.keySet());
        float[][] values = x.rows(rows).toRows();
        float[] flat = new float[rows.length * values[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (Intervention change : changes.get(rows[i])) {
                change.applyTo(values[i]);
            }
            System.arraycopy(values[i], 0, flat, i * values[i].length, values[i].length);
        }
        return Engine.run("put_rows", x, Engine.ids(rows), Engine.floats(flat, rows.length, values[0].length));
    }

    private static int[] ids(Collection<Integer> rows) {
        return rows.stream().mapToInt(Integer::intValue).toArray();
    }
}
