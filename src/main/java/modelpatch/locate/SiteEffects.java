package modelpatch.locate;

import java.util.ArrayList;
import java.util.List;
import modelpatch.model.HeadAddress;

/**
 * The effect of restoring every site at one position, each site alone.
 *
 * @param heads z of each query head, {@code [layer][head]}
 * @param layers other kinds of site, each {@code [layer]}
 */
record SiteEffects(List<List<Effect>> heads, ByLayerSite<List<Effect>> layers) {
    SiteEffects {
        heads = heads.stream().map(List::copyOf).toList();
    }

    Effect head(HeadAddress head) {
        return heads.get(head.layer()).get(head.head());
    }

    /** Every head, layer by layer. */
    List<HeadAddress> addresses() {
        List<HeadAddress> all = new ArrayList<>();
        for (int layer = 0; layer < heads.size(); layer++) {
            for (int head = 0; head < heads.get(layer).size(); head++) {
                all.add(new HeadAddress(layer, head));
            }
        }
        return all;
    }
}
