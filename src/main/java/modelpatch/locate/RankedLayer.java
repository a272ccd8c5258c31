package modelpatch.locate;

import java.util.Optional;
import modelpatch.evaluate.Interval;

/**
 * One layer, or a window of layers around it, over a suite: means over cases, in the measure that ranks.
 *
 * @param layer block, from 0
 * @param first lowest layer that is restored
 * @param last highest layer that is restored
 * @param effect of restoring from the guide
 * @param control of restoring from the guide of a wrong bridge
 * @param score effect - control
 * @param ci interval of the score, a cluster bootstrap by bridge
 */
public record RankedLayer(
        int layer, int first, int last, double effect, double control, double score, Optional<Interval> ci) {
    LayerWindow window() {
        return new LayerWindow(first, last);
    }

    /** Whether the score's interval is above 0. */
    public boolean clearlyPositive() {
        return ci.filter(interval -> interval.low() > 0).isPresent();
    }
}
