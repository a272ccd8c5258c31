package modelpatch.edit;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What tells one editor of subjects from another. All of them write what should be said of a subject where its name ends, as an MLP's answer to the
 * key that it reads there; they differ in how far the written state may go, over how many layers it is spread, and what the closed form holds.
 *
 * @param name what it is called
 * @param anchor what the length of a trained state is measured by
 * @param clamp the longest state beside its anchor
 * @param solve from keys and movements to a change of weights
 * @param end the last edited layer, as a share of the model's depth
 * @param window how many layers up to that one
 * @param numbers of its plans; what they mean depends on {@link #solve}
 */
record SubjectForm(
        String name, Anchor anchor, double clamp, Solve solve, double end, int window, Editor.Numbers numbers) {
    /** What a trained state is added to. */
    enum Anchor {
        /** The output of the edited matrix. */
        OUTPUT,
        /** The residual stream behind the last edited layer. */
        RESIDUAL
    }

    /** From keys K [d_in, n] and movements R [d_out, n] to the change D of W. */
    enum Solve {
        /** D k = r exactly, at the smallest tr(D C D^T): for one key r (C^-1 k)^T / (k^T C^-1 k). lambda weighs C, ridge the identity. */
        EXACT,
        /** min |D K - R|^2 + lambda d_in tr(D C D^T), so D = R K^T (lambda d_in C + K K^T)^-1. */
        MOMENT,
        /**
         * D = R K^T P (K K^T P + l I)^-1, where P projects onto the eigenvectors of C whose value is below lambda times the mean one: what ordinary
         * inputs do not use is all that changes. l is ridge times the mean |k|^2.
         */
        NULL_SPACE,
        /** min |D K - R|^2 + l |D|^2 + m |D K_0|^2, K_0 every token of what must stay; l is ridge times the mean |k|^2, m the plan's hold. */
        HELD
    }

    /**
     * ROME (arXiv 2202.05262) with R-ROME's keys (arXiv 2403.07175): the key, averaged over contexts, stands both in the residual and in the
     * denominator. Its clamp is that of the code, four times the output that was there; so is the layer, the fifth of GPT-J's 28.
     */
    static SubjectForm rome() {
        return new SubjectForm("rome", Anchor.OUTPUT, 4, Solve.EXACT, 5 / 28.0, 1, new Editor.Numbers(1, 1e-6, 1));
    }

    /**
     * MEMIT (arXiv 2210.07229): the layers 3 to 8 of GPT-J's 28, of which five are kept. The paper's lambda is 15,000 at GPT-J's 16,384 inputs of
     * W_down and 20,000 at GPT-NeoX's 24,576; as k^T C^-1 k grows with the number of inputs, that share of it, 0.9, is what other widths get.
     */
    static SubjectForm memit() {
        return new SubjectForm(
                "memit", Anchor.RESIDUAL, 0.75, Solve.MOMENT, 8 / 28.0, 5, new Editor.Numbers(0.9, 0, 1));
    }

    /** AlphaEdit (arXiv 2410.02355): MEMIT's states and layers, projected. Its threshold of 0.02 is of another model's keys; here it is relative. */
    static SubjectForm alphaEdit() {
        return new SubjectForm(
                "alphaedit", Anchor.RESIDUAL, 0.75, Solve.NULL_SPACE, 8 / 28.0, 5, new Editor.Numbers(0.02, 0.01, 1));
    }

    /** RLSEdit (arXiv 2601.15686): MEMIT's states and layers, the recursive least-squares problem of one round. */
    static SubjectForm rlsEdit() {
        return new SubjectForm(
                "rlsedit", Anchor.RESIDUAL, 0.75, Solve.HELD, 8 / 28.0, 5, new Editor.Numbers(0, 0.01, 1));
    }

    /** The layers that it edits in a model of so many. */
    List<Integer> layers(int layers) {
        int last = Math.max(0, Math.min(layers - 2, (int) Math.round(end * layers)));
        return IntStream.rangeClosed(Math.max(0, last - window + 1), last)
                .boxed()
                .toList();
    }
}
