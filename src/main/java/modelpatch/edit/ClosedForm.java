package modelpatch.edit;

import java.util.List;
import modelpatch.BadInput;
import modelpatch.solve.KeyRows;

/**
 * What tells one closed-form edit from another: how the keys, targets and protection of a layer are chosen. The presets are the CREME edit and
 * its neighbours.
 *
 * @param name as it is written into the patch
 * @param meanOverTemplates whether the templates of a case are averaged to one key and one target, or each is a row
 * @param keys the model on which keys of edit and guide rows are measured
 * @param target what the edit rows aim at
 * @param scale the share of the way to the target, 1 = all
 * @param weight of each edit row, or {@link KeyRows#EXACT}
 * @param protections what must stay
 * @param lambda weight of the second moment (of the identity where none is estimated)
 * @param momentScaledToKeys whether C is first scaled to the mean squared norm of the layer's edit keys
 * @param ridge weight of the identity
 */
record ClosedForm(
        String name,
        boolean meanOverTemplates,
        View keys,
        Target target,
        double scale,
        double weight,
        List<Protection> protections,
        double lambda,
        boolean momentScaledToKeys,
        double ridge) {

    /** What the output of an edit row should be. */
    enum Target {
        /** The guide's output of the same map, on the model as edited so far (the CREME code). */
        LIVE_GUIDE_OUTPUT,
        /** The guide's output of the same map, on the unedited model. */
        FROZEN_GUIDE_OUTPUT,
        /**
         * The unedited guide's residual stream after the last edited layer: every layer makes up its equal part of what is still missing, as
         * MEMIT spreads its residual.
         */
        GUIDE_RESIDUAL
    }

    /**
     * Rows that must stay.
     *
     * @param weight of the whole group, or {@link KeyRows#EXACT}
     * @param restored whether rows that edits below have moved are drawn back to where the unedited model has them; else they are only held
     *     where they are
     */
    record Protection(Role role, View view, double weight, boolean restored) {
        Protection(Role role, View view, double weight) {
            this(role, view, weight, false);
        }

        Protection weighing(double other) {
            return new Protection(role, view, other, restored);
        }
    }

    ClosedForm {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new BadInput(
                    "scale of the edit", name, "a positive number", scale + "", "1 goes all the way to the target");
        }
        if (!(weight > 0)) {
            throw new BadInput("weight of the edit rows", name, "a positive number", weight + "", "1 is usual");
        }
        protections = List.copyOf(protections);
    }

    /** The edit of the CREME code: mean over templates, exact, C = I, targets from the guide on the model as edited so far. */
    static ClosedForm cremePaper() {
        return exact("creme-paper", View.LIVE, Target.LIVE_GUIDE_OUTPUT, List.of());
    }

    /** As {@link #cremePaper}, with the guide held exactly where it is. */
    static ClosedForm protectedGuide() {
        return exact(
                "creme-protected",
                View.LIVE,
                Target.LIVE_GUIDE_OUTPUT,
                List.of(new Protection(Role.GUIDE, View.LIVE, KeyRows.EXACT)));
    }

    /** Means over templates, exact, C = I. */
    static ClosedForm exact(String name, View keys, Target target, List<Protection> protections) {
        return new ClosedForm(name, true, keys, target, 1, KeyRows.EXACT, protections, 1, false, 0);
    }

    /**
     * Means over templates as {@link #cremePaper} has means over contexts, solved in the metric of the second moment, neighbours and a bank
     * of generic keys held softly. Of its weights that of the second moment matters most: heavier protection of single keys instead leaves
     * the solve only directions that few inputs use, in which it must step far, and everything else moves more.
     */
    static ClosedForm cremeTemplates() {
        return new ClosedForm(
                "creme-templates",
                true,
                View.LIVE,
                Target.LIVE_GUIDE_OUTPUT,
                1,
                1,
                List.of(new Protection(Role.PROTECTED, View.LIVE, 1), new Protection(Role.BANK, View.FROZEN, 1)),
                10,
                true,
                1e-6);
    }

    /**
     * Several templates as rows, the guide's residual as target spread over the layers, neighbours and a bank of generic keys held softly,
     * C scaled to the edit keys. The weights are those of the trial that chose it.
     */
    static ClosedForm spreadResidual() {
        return new ClosedForm(
                "spread-residual",
                false,
                View.LIVE,
                Target.GUIDE_RESIDUAL,
                1,
                1,
                List.of(new Protection(Role.PROTECTED, View.LIVE, 10), new Protection(Role.BANK, View.FROZEN, 10)),
                1,
                true,
                1e-6);
    }

    /**
     * As {@link #spreadResidual}, but every layer also draws neighbours and bank back to where the unedited model has them: what lower edits
     * do to other prompts adds up over the layers, and only movement, not mere holding, takes it back.
     */
    static ClosedForm spreadRestoring() {
        return new ClosedForm(
                "spread-restoring",
                false,
                View.LIVE,
                Target.GUIDE_RESIDUAL,
                1,
                1,
                List.of(
                        new Protection(Role.PROTECTED, View.LIVE, 10, true),
                        new Protection(Role.BANK, View.LIVE, 10, true)),
                10,
                true,
                1e-6);
    }

    /** The same with other numbers. */
    ClosedForm with(Editor.Numbers numbers) {
        return new ClosedForm(
                name,
                meanOverTemplates,
                keys,
                target,
                numbers.scale(),
                weight,
                protections,
                numbers.lambda(),
                momentScaledToKeys,
                numbers.ridge());
    }

    /** The same with other protections. */
    ClosedForm protecting(List<Protection> others) {
        return new ClosedForm(
                name, meanOverTemplates, keys, target, scale, weight, others, lambda, momentScaledToKeys, ridge);
    }
}
