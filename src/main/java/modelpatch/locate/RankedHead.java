package modelpatch.locate;

import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.evaluate.Interval;
import modelpatch.model.HeadAddress;

/**
 * One head over a suite: means over cases, in the measure that ranks.
 *
 * @param head such as {@code L5H3}
 * @param layer block, from 0
 * @param index query head within the block, from 0
 * @param effect of restoring its z from the guide
 * @param control of restoring it from the guide of a wrong bridge
 * @param score effect - control: what the ranking goes by
 * @param ci interval of the score, a cluster bootstrap by bridge
 * @param necessity what the answer of right compositions loses when z comes from the guide of a wrong bridge; empty where not measured
 * @param effects {@code effect} in all measures
 * @param controls {@code control} in all measures
 */
public record RankedHead(
        String head,
        int layer,
        int index,
        double effect,
        double control,
        double score,
        Optional<Interval> ci,
        OptionalDouble necessity,
        Effect effects,
        Effect controls) {
    HeadAddress address() {
        return new HeadAddress(layer, index);
    }

    /** Whether the score's interval is above 0. */
    boolean clearlyPositive() {
        return ci.filter(interval -> interval.low() > 0).isPresent();
    }
}
