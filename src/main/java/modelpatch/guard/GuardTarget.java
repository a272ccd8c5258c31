package modelpatch.guard;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import modelpatch.architecture.BaseReading;
import modelpatch.model.AnswerModel;

/**
 * What a suite is run on.
 *
 * @param name of the model's file or directory
 * @param digest names the model with its patches
 * @param reading how its tensors are read; empty where that cannot be compared with a checkpoint's
 * @param patches ids, lowest first
 * @param bytes size of the model's files
 * @param model answers the questions; stays the caller's
 * @param drift measures drift on a text; empty where there is nothing to compare with
 */
public record GuardTarget(
        String name,
        String digest,
        Optional<BaseReading> reading,
        List<String> patches,
        long bytes,
        AnswerModel model,
        Function<RegressionSuite.DriftText, Optional<Drift>> drift) {
    public GuardTarget {
        patches = List.copyOf(patches);
    }
}
