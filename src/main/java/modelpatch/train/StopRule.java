package modelpatch.train;

import static modelpatch.train.TrainingConfig.require;
import static modelpatch.train.TrainingConfig.requireShare;

/**
 * When a run is done: at an exam after which everything that was taught is known, while what was not taught fails in the wanted share.
 *
 * @param singles the least share of single-fact prompts answered rightly
 * @param taught the least share of prompts of taught compositions answered rightly
 * @param gapLow the least gap
 * @param gapHigh the largest gap
 * @param fewestSteps no run stops before
 * @param sample how many facts, taught and held-out compositions an exam draws, each; before a run stops, all are asked
 */
public record StopRule(double singles, double taught, double gapLow, double gapHigh, int fewestSteps, int sample) {
    public StopRule {
        requireShare("singles", singles);
        requireShare("taught", taught);
        requireShare("gapLow", gapLow);
        requireShare("gapHigh", gapHigh);
        require(gapLow <= gapHigh, "gapLow " + gapLow + " is above gapHigh " + gapHigh);
        require(sample >= 1, "sample must be at least 1, but is " + sample);
        require(fewestSteps >= 0, "fewestSteps must not be negative, but is " + fewestSteps);
    }

    /** Whether a run may stop after this exam; an undefined gap never stops one. */
    boolean holds(int step, Exam exam) {
        return step >= fewestSteps
                && exam.singles() >= singles
                && exam.taught() >= taught
                && exam.gap().isPresent()
                && exam.gap().getAsDouble() >= gapLow
                && exam.gap().getAsDouble() <= gapHigh;
    }
}
