package modelpatch.repair;

import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Tally;
import modelpatch.guard.ChangeSize;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchGeometry;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/** Measures how large a change is beside what it changes, and whether it is so fine that eight bits lose it. */
final class Sizing {
    private Sizing() {}

    /** The size of a change, without trying what eight bits leave of it. */
    static ChangeSize of(LanguageModel base, List<TensorDelta> deltas) {
        double norm = 0;
        double share = 0;
        for (TensorDelta delta : deltas) {
            if (delta.rank() > 0) {
                PatchGeometry geometry = PatchGeometry.of(delta);
                norm = Math.max(norm, geometry.norm() / norm(base.weight(delta.tensor())));
                share = Math.max(share, geometry.effectiveRank() / Math.min(delta.rows(), delta.width()));
            }
        }
        return new ChangeSize(norm, share, Optional.empty());
    }

    private static double norm(float[] weight) {
        double squares = 0;
        for (float w : weight) {
            squares += (double) w * w;
        }
        return Math.sqrt(squares);
    }

    /**
     * Of the edited prompts that are right after the edit, those that are right when the changed tensors are stored in eight bits.
     *
     * @param evaluation what was asked
     * @param before whose protocol it was asked under
     */
    static Tally quantised(
            LanguageModel base,
            PatchStack below,
            List<TensorDelta> deltas,
            PairedEvaluation evaluation,
            Examiner before) {
        List<Question> right = evaluation.items().stream()
                .filter(item ->
                        item.probe().set() == EditSet.CORRECTION && item.after().right())
                .map(item -> item.probe().question())
                .toList();
        try (Patched rounded = Patched.inEightBits(base, below, deltas)) {
            List<Reply> replies = before.like(rounded.answers()).ask(right);
            return new Tally(replies.stream().filter(Reply::right).count(), right.size());
        }
    }
}
