package modelpatch.evaluate;

import java.util.Optional;
import modelpatch.cases.CaseSuite;

/**
 * How far a suite was asked, in the order that a seed draws, to find so many known cases.
 *
 * @param wanted known cases that were asked for
 * @param known those that were found; fewer than wanted where the suite ended before, or the work was interrupted
 * @param asked cases that it took
 * @param suite cases that there are
 */
public record KnownSample(int wanted, int known, int asked, int suite) {
    /**
     * What an evaluation took of a suite.
     *
     * @param wanted known cases that were asked for; 0 where all of the suite was, which is no sample
     */
    public static Optional<KnownSample> of(Evaluation evaluation, int wanted, CaseSuite suite) {
        EvaluationCounts counts = evaluation.counts();
        return wanted == 0
                ? Optional.empty()
                : Optional.of(new KnownSample(
                        wanted, counts.known(), counts.cases(), suite.cases().size()));
    }
}
