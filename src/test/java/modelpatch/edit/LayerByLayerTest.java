package modelpatch.edit;

import static modelpatch.solve.Matrices.assertClose;
import static modelpatch.solve.Matrices.column;
import static modelpatch.solve.Matrices.matrix;
import static modelpatch.solve.Matrices.minus;
import static modelpatch.solve.Matrices.over;
import static modelpatch.solve.Matrices.random;
import static modelpatch.solve.Matrices.row;
import static modelpatch.solve.Matrices.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.solve.Columns;
import modelpatch.solve.Matrix;
import modelpatch.solve.SecondMomentEstimator;
import org.junit.jupiter.api.Test;

/** The order of edits over layers: the hand-made two-layer fixture, then invariants on random toys. */
class LayerByLayerTest {
    private static final double TOLERANCE = 1e-12;
    private static final Matrix FIRST_LAYER = over(matrix(row(28, 4), row(-3, 21)), 25);

    /** As the CREME edit, but lower edits do not move the targets. */
    private static final ClosedForm FROZEN_TARGETS =
            ClosedForm.exact("creme-frozen", View.LIVE, ClosedForm.Target.FROZEN_GUIDE_OUTPUT, List.of());

    /** Keys and targets all from the unedited model: higher layers then miss, because their keys have moved. */
    private static final ClosedForm PARALLEL_KEYS =
            ClosedForm.exact("creme-parallel", View.FROZEN, ClosedForm.Target.FROZEN_GUIDE_OUTPUT, List.of());

    /** Edits whole maps with C = I. */
    static LayerByLayer plain(ClosedForm form, int dIn) {
        return new LayerByLayer(form, layer -> Optional.empty(), layer -> Columns.all(dIn));
    }

    private static ToyModel toy() {
        return ToyModel.twoIdentityLayers().with(Role.EDIT, column(3, 4)).with(Role.GUIDE, column(4, 3));
    }

    private static List<LayerEdit> edit(ToyModel model, ClosedForm form) {
        return plain(form, 2).edit(model);
    }

    @Test
    void theUneditedToyGivesItsPlainOutputs() {
        assertClose(toy().output(Role.EDIT), column(12, 16), 0);
        assertClose(toy().output(Role.GUIDE), column(16, 12), 0);
    }

    @Test
    void liveTargetsLetTheGuideDrift() {
        ToyModel model = toy();
        List<LayerEdit> edits = edit(model, ClosedForm.cremePaper());
        assertClose(model.liveWeight(0), FIRST_LAYER, TOLERANCE);
        assertClose(model.liveWeight(1), over(matrix(row(57, 7), row(-7, 43)), 50), TOLERANCE);
        assertClose(model.output(Role.EDIT), over(column(399, 301), 25), TOLERANCE);
        assertClose(model.output(Role.GUIDE), over(column(497, 203), 25), TOLERANCE);
        assertThat(edits).flatExtracting(LayerEdit::conditions).allMatch(PostCondition::met);
    }

    @Test
    void frozenTargetsBringTheCompositionToTheCleanGuidesOutputs() {
        ToyModel model = toy();
        edit(model, FROZEN_TARGETS);
        assertClose(model.liveWeight(0), FIRST_LAYER, TOLERANCE);
        assertClose(model.liveWeight(1), over(matrix(row(15, 1), row(-1, 13)), 14), TOLERANCE);
        assertClose(model.output(Role.EDIT), column(15, 13), TOLERANCE);
        assertClose(model.output(Role.GUIDE), over(column(473, 227), 25), TOLERANCE);
    }

    @Test
    void parallelKeysMissTheirTargetAtTheSecondLayer() {
        ToyModel model = toy();
        edit(model, PARALLEL_KEYS);
        assertClose(model.liveWeight(0), FIRST_LAYER, TOLERANCE);
        Matrix secondOutput = model.observe(1, Role.EDIT, View.LIVE).outputs();
        assertClose(secondOutput, over(column(224, 126), 25), TOLERANCE);
        assertThat(minus(secondOutput, column(8, 6)).norm()).isGreaterThan(1);
    }

    @Test
    void aProtectedGuideStaysExactlyThroughBothLayers() {
        ToyModel model = toy();
        List<LayerEdit> edits = edit(model, ClosedForm.protectedGuide());
        Matrix weight = over(matrix(row(4, 4), row(3, 3)), 7);
        assertClose(model.liveWeight(0), weight, TOLERANCE);
        assertClose(model.liveWeight(1), weight, TOLERANCE);
        assertClose(model.output(Role.EDIT), column(15, 13), TOLERANCE);
        assertClose(model.output(Role.GUIDE), column(16, 12), TOLERANCE);
        assertThat(edits).allSatisfy(e -> assertThat(e.conditions()).hasSize(3).allMatch(PostCondition::met));
    }

    /** A random toy with a wide residual stream: few keys, many dimensions. */
    private static ToyModel randomToy(Random random, int layers, int templates) {
        List<Matrix> weights = new java.util.ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            weights.add(over(random(24, 24, random), 12));
        }
        return new ToyModel(weights)
                .with(Role.EDIT, random(24, templates, random))
                .with(Role.GUIDE, random(24, templates, random))
                .with(Role.PROTECTED, random(24, 5, random))
                .with(Role.BANK, random(24, 9, random));
    }

    @Test
    void everyEditedLayerMapsTheMeanKeyToTheMeanGuideOutputInTheFinalModel() {
        Random random = new Random(5);
        for (int trial = 0; trial < 20; trial++) {
            ToyModel model = randomToy(random, 3, 6).cases(0, 0, 0, 1, 1, 1);
            List<LayerEdit> edits = plain(ClosedForm.cremePaper(), 24).edit(model);
            for (LayerEdit edit : edits) {
                assertThat(edit.change().rank()).isEqualTo(2);
                assertThat(edit.conditions()).hasSize(2).allMatch(PostCondition::met);
                Observation last = model.observe(edit.layer(), Role.EDIT, View.LIVE);
                Matrix unedited = times(model.weight(edit.layer()), last.keys());
                Matrix moved = minus(last.outputs(), unedited).means(new int[] {0, 0, 0, 1, 1, 1});
                assertClose(moved, edit.solution().orElseThrow().movements(), 1e-10);
            }
        }
    }

    @Test
    void theSpreadResidualEndsAtTheGuideWhenNothingHoldsItBack() {
        Random random = new Random(6);
        ToyModel model = randomToy(random, 4, 3);
        ClosedForm free = ClosedForm.exact("free", View.LIVE, ClosedForm.Target.GUIDE_RESIDUAL, List.of());
        Matrix goal = model.residualAfter(3, Role.GUIDE);
        plain(free, 24).edit(model);
        assertClose(model.output(Role.EDIT), goal, 1e-9);
    }

    @Test
    void restoredPromptsEndWhereTheUneditedModelHasThemWhenNothingElseIsAsked() {
        Random random = new Random(16);
        ToyModel model = randomToy(random, 3, 3);
        // held so loosely below that the first edit moves them, and drawn back so firmly above that nothing is left of
        // it
        ClosedForm form = ClosedForm.spreadResidual()
                .with(new Editor.Numbers(1e-9, 1e-9, 1))
                .protecting(List.of(new ClosedForm.Protection(Role.PROTECTED, View.LIVE, 1, true)));
        Matrix before = model.residualAfter(2, Role.PROTECTED);
        plain(form, 24).edit(model);
        assertThat(minus(model.output(Role.PROTECTED), before).norm()).isLessThan(1e-6 * before.norm());
        assertClose(model.output(Role.EDIT), model.residualAfter(2, Role.GUIDE), 1e-5);
    }

    @Test
    void restoringLeavesProtectedPromptsNearerToWhereTheyWereThanHolding() {
        Random random = new Random(17);
        for (int trial = 0; trial < 20; trial++) {
            long seed = random.nextLong();
            double held = moved(seed, false);
            assertThat(moved(seed, true)).isGreaterThan(0).isLessThan(held);
        }
    }

    /** How far the protected prompts of a random toy end from where they were. */
    private static double moved(long seed, boolean restored) {
        ToyModel model = randomToy(new Random(seed), 3, 3);
        ClosedForm form = ClosedForm.spreadResidual()
                .with(new Editor.Numbers(1, 1e-6, 1))
                .protecting(List.of(new ClosedForm.Protection(Role.PROTECTED, View.LIVE, 1, restored)));
        Matrix before = model.residualAfter(2, Role.PROTECTED);
        plain(form, 24).edit(model);
        return minus(model.output(Role.PROTECTED), before).norm();
    }

    @Test
    void softRowsSayThatTheyDidNotReachTheirTarget() {
        Random random = new Random(7);
        ToyModel model = randomToy(random, 3, 3);
        SecondMomentEstimator estimator = new SecondMomentEstimator(24);
        for (int i = 0; i < 200; i++) {
            float[] key = new float[24];
            for (int j = 0; j < 24; j++) {
                key[j] = (float) random.nextGaussian();
            }
            estimator.add(key);
        }
        List<LayerEdit> edits = new LayerByLayer(
                        ClosedForm.spreadResidual(), layer -> Optional.of(estimator.moment()), l -> Columns.all(24))
                .edit(model);
        assertThat(edits).hasSize(3).allSatisfy(edit -> {
            assertThat(edit.conditions()).hasSize(2);
            assertThat(edit.conditions().get(0).met()).isTrue();
            assertThat(edit.conditions().get(1).met()).isTrue(); // they land where the solve says
            assertThat(edit.reach()).isBetween(0.0, 0.999); // which is short of what was wanted
        });
    }

    @Test
    void theMovementOfAnyProbeIsPredictedBeforeTheEdit() {
        Random random = new Random(8);
        ToyModel model = randomToy(random, 2, 3);
        Matrix before = model.observe(0, Role.PROTECTED, View.FROZEN).outputs();
        LayerEdit first = plain(ClosedForm.cremePaper(), 24).edit(model).get(0);
        Observation after = model.observe(0, Role.PROTECTED, View.LIVE);
        Matrix predicted = first.movement(after.keys());
        assertClose(minus(after.outputs(), before), predicted, 1e-12);
    }

    @Test
    void halfTheScaleMovesHalfTheWay() {
        ToyModel model = toy();
        LayerEdit first = edit(model, ClosedForm.cremePaper().with(new Editor.Numbers(1, 0, 0.5)))
                .get(0);
        assertClose(first.solution().orElseThrow().movements(), column(0.5, -0.5), TOLERANCE);
    }

    @Test
    void aGuideOrthogonalToItsCompositionIsWarnedOf() {
        ToyModel model =
                ToyModel.twoIdentityLayers().with(Role.EDIT, column(3, 4)).with(Role.GUIDE, column(4, -3));
        assertThat(edit(model, FROZEN_TARGETS).get(0).warnings())
                .singleElement()
                .asString()
                .contains("layers.0.w", "det E");
    }

    @Test
    void aGuideEqualToItsCompositionChangesNothing() {
        ToyModel model =
                ToyModel.twoIdentityLayers().with(Role.EDIT, column(3, 4)).with(Role.GUIDE, column(3, 4));
        assertThat(edit(model, ClosedForm.cremePaper()))
                .allMatch(edit -> edit.change().rank() == 0);
        assertClose(model.liveWeight(1), Matrix.identity(2), 0);
    }

    @Test
    void closedFormsRefuseScalesAndWeightsThatAreNotPositive() {
        assertThatThrownBy(() -> ClosedForm.cremePaper().with(new Editor.Numbers(1, 0, 0)))
                .isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> new ClosedForm(
                        "heavy", false, View.LIVE, ClosedForm.Target.GUIDE_RESIDUAL, 1, -1, List.of(), 1, false, 0))
                .isInstanceOf(BadInput.class);
    }
}
