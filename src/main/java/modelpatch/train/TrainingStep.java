package modelpatch.train;

import java.time.Duration;
import java.util.Optional;
import modelpatch.model.DecoderTraining.Losses;

/**
 * How far a run is, told after every step.
 *
 * @param step steps made
 * @param steps the most that are made
 * @param losses of this step
 * @param elapsed since this process began with it
 * @param remaining until the last step at the pace so far, exams included; a run may stop before
 * @param exam the exam after this step, if there was one
 */
public record TrainingStep(
        int step,
        int steps,
        double learningRate,
        Losses losses,
        Duration elapsed,
        Duration remaining,
        Optional<Exam> exam) {}
