package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.model.LanguageModel;
import modelpatch.model.RecordedRun;
import modelpatch.model.StateTraining;
import modelpatch.solve.Matrix;

/**
 * What each case's subject should add to the residual stream where its name ends, so that the answer follows its prompts (ROME, arXiv 2202.05262,
 * equation 4, with the numbers of its code): the vector d that makes the least of
 *
 * <p>the mean over prompts of -log p(answer | prompt, d) + 0.0625 KL(p(. | "X is a") || p(. | "X is a", d)) + 0.5 |d| / |v|^2
 *
 * <p>by Adam, no longer than a multiple of |v|; v is what is there already.
 */
final class SubjectStates {
    private static final int STEPS = 25;
    private static final double ENOUGH = 0.05;
    private static final double ESSENCE = 0.0625;
    private static final double DECAY = 0.5;

    /** Of one step in each direction, so that five in a row reach the longest state whatever a model's scale. */
    private static final double RATE = 0.2;

    private final EditRequest request;
    private final MarkedPrompts subjects;
    private final int layer;
    private final double clamp;

    /**
     * @param layer block behind which the states are added
     * @param clamp the longest state beside what is there
     */
    SubjectStates(EditRequest request, MarkedPrompts subjects, int layer, double clamp) {
        this.request = request;
        this.subjects = subjects;
        this.layer = layer;
        this.clamp = clamp;
    }

    /**
     * The states, and what training left of the loss.
     *
     * @param vectors d, [d_model, cases]
     * @param losses by case, in nats, the last that was measured
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Trained(Matrix vectors, double[] losses) {}

    /** @param anchors v, [d_model, cases] */
    Trained trained(Matrix anchors) {
        float[][] states = new float[anchors.columns()][];
        double[] losses = new double[states.length];
        for (int one = 0; one < states.length; one++) {
            states[one] = trained(one, anchors.columnNorm(one), losses);
        }
        return new Trained(Matrix.ofColumns(anchors.rows(), states), losses);
    }

    private float[] trained(int one, double anchor, double[] losses) {
        LanguageModel model = request.model();
        int width = model.config().dModel();
        List<int[]> essences = request.prompts(Role.ESSENCE);
        List<EditPrompts.Told> told = new ArrayList<>();
        List<int[]> read = new ArrayList<>();
        for (int i : subjects.of(one)) {
            EditPrompts.Told next = request.told().get(i);
            told.add(next);
            // the answer's last token is only predicted
            read.add(Arrays.copyOf(next.ids(), next.ids().length - 1));
        }
        if (!essences.isEmpty()) {
            read.add(essences.get(one));
        }
        List<RecordedRun> runs = model.record(request.prefix(), read);
        try (StateTraining training = new StateTraining(
                model, layer, examples(one, told, runs), new float[width], DECAY / (anchor * anchor))) {
            double longest = clamp * anchor;
            for (int step = 0; step < STEPS; step++) {
                losses[one] = training.step(RATE * longest / Math.sqrt(width));
                training.shorten(longest);
                if (losses[one] < ENOUGH) {
                    break;
                }
            }
            return training.state();
        } finally {
            runs.forEach(RecordedRun::close);
        }
    }

    private List<StateTraining.Example> examples(int one, List<EditPrompts.Told> told, List<RecordedRun> runs) {
        int vocabulary = request.model().config().dVocab();
        List<StateTraining.Example> examples = new ArrayList<>();
        for (int i = 0; i < told.size(); i++) {
            float[][] wanted = Arrays.stream(told.get(i).target())
                    .mapToObj(token -> StateTraining.Example.certain(token, vocabulary))
                    .toArray(float[][]::new);
            examples.add(new StateTraining.Example(
                    runs.get(i), told.get(i).subject(), wanted, 1.0 / (told.size() * wanted.length)));
        }
        if (runs.size() > told.size()) {
            RecordedRun essence = runs.get(told.size());
            examples.add(new StateTraining.Example(
                    essence, request.ends(Role.ESSENCE)[one], new float[][] {essence.logits()}, ESSENCE));
        }
        return examples;
    }
}
