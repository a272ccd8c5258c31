package modelpatch.locate;

import java.util.Collection;
import modelpatch.Numbers;
import modelpatch.model.Readout;

/**
 * What a change inside a run does to the answer, in three measures; each is after minus before.
 *
 * @param probability change of p, the answer's probability
 * @param logOdds change of log p - log(1 - p), natural logarithm
 * @param logitDifference change of the answer's logit minus the contrast token's
 */
public record Effect(double probability, double logOdds, double logitDifference) {

    /** Which of the three numbers a ranking goes by. */
    public enum Measure {
        PROBABILITY,
        LOG_ODDS,
        LOGIT_DIFFERENCE;

        double of(Effect effect) {
            return switch (this) {
                case PROBABILITY -> effect.probability();
                case LOG_ODDS -> effect.logOdds();
                case LOGIT_DIFFERENCE -> effect.logitDifference();
            };
        }
    }

    /**
     * The effect between two readouts of the same two tokens.
     *
     * @param before answer first, contrast token second; with probabilities
     */
    static Effect between(Readout before, Readout after) {
        return new Effect(
                after.probability(0) - before.probability(0),
                after.logOdds(0) - before.logOdds(0),
                logitDifference(after) - logitDifference(before));
    }

    static double logitDifference(Readout readout) {
        return readout.logits()[0] - readout.logits()[1];
    }

    Effect minus(Effect other) {
        return new Effect(
                probability - other.probability, logOdds - other.logOdds, logitDifference - other.logitDifference);
    }

    /** With as many digits as findings keep. */
    Effect rounded() {
        return new Effect(Numbers.rounded(probability), Numbers.rounded(logOdds), Numbers.rounded(logitDifference));
    }

    /** The mean, measure by measure; of no effect at all it is not a number. */
    static Effect mean(Collection<Effect> effects) {
        double p = 0;
        double odds = 0;
        double difference = 0;
        for (Effect effect : effects) {
            p += effect.probability;
            odds += effect.logOdds;
            difference += effect.logitDifference;
        }
        int n = effects.size();
        return new Effect(p / n, odds / n, difference / n);
    }
}
