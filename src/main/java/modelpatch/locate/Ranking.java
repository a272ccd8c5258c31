package modelpatch.locate;

import java.util.List;

/**
 * Heads and layers at one position, over the failing cases of the choose side that have a control.
 *
 * @param cases how many those are
 * @param bridges how many different bridges they have: the clusters of the intervals
 * @param heads greatest score first
 * @param layers other kinds of site, by layer
 */
public record Ranking(int cases, int bridges, List<RankedHead> heads, ByLayerSite<List<RankedLayer>> layers) {
    public Ranking {
        heads = List.copyOf(heads);
    }
}
