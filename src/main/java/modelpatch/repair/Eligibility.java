package modelpatch.repair;

import java.util.Optional;
import modelpatch.locate.FailureFinding;

/**
 * Which failures an edit of W_O towards the guide can help. The edit carries the guide's attention output into the composition, whatever kept
 * it out: a bridge that was named instead of used, a skipped first hop, a bridge that came too late, never, or to no use. So the class
 * alone excludes nothing; what does is evidence that the guide itself does not bring the answer, for then there is nothing to carry.
 */
final class Eligibility {
    private Eligibility() {}

    /** Why a failure is not taken; empty where it is. */
    static Optional<String> objection(FailureFinding failure) {
        return failure.evidence()
                .mediation()
                .filter(evidence -> evidence.total().logOdds() <= 0)
                .map(evidence -> failure.diagnosis().words()
                        + ", and its guide prompt makes the answer no likelier: an edit has nothing to carry over");
    }
}
