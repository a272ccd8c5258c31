package modelpatch.train;

import java.util.OptionalDouble;

/**
 * What a model answers about its world, greedily and word for word.
 *
 * @param facts single facts asked, in all their templates
 * @param factsKnown those answered rightly in every template
 * @param taughtCases taught compositions asked, in all their templates
 * @param taughtKnown those answered rightly in every template
 * @param heldOutKnown held-out compositions asked whose hops are both known
 * @param heldOutRight those of them whose primary prompt is answered rightly
 */
public record Exam(int facts, int factsKnown, int taughtCases, int taughtKnown, int heldOutKnown, int heldOutRight) {

    /** The share of the facts that are known; 1 where none was asked. */
    public double singles() {
        return facts == 0 ? 1 : (double) factsKnown / facts;
    }

    /** The share of the taught compositions that are known; 1 where none was asked. */
    public double taught() {
        return taughtCases == 0 ? 1 : (double) taughtKnown / taughtCases;
    }

    /** The share of held-out compositions with known hops that is answered wrongly; empty where there is none with known hops. */
    public OptionalDouble gap() {
        return heldOutKnown == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) (heldOutKnown - heldOutRight) / heldOutKnown);
    }
}
