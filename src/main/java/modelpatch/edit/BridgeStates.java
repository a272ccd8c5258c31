package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.model.LanguageModel;
import modelpatch.model.RecordedRun;
import modelpatch.model.Site;
import modelpatch.model.StateTraining;
import modelpatch.model.TokenIds;
import modelpatch.solve.Matrix;

/**
 * The state that each case's phrase should end in: one vector a case, added behind a block, with which the model goes on behind the phrase as it
 * does behind the bridge's name, in all of the case's prompts. No answer is looked at.
 */
final class BridgeStates {
    private static final int STEPS = 12;

    /** Of one step in each direction, beside the root mean square of what the bridge's own state adds. */
    private static final double RATE = 0.1;

    /** Share of the way to the bridge's own state that training starts from. */
    private static final double START = 0.5;

    /** Tokens that the model itself writes behind the bridge's name, whose distributions are matched too. */
    private static final int CONTINUED = 1;

    /** How many blocks later the bridge's name has become what it stands for: a seventh of the model. */
    private static final float AHEAD = 7;

    private final LanguageModel model;
    private final Phrases phrases;
    private final int layer;

    /** @param layer block behind which the states are added */
    BridgeStates(LanguageModel model, Phrases phrases, int layer) {
        this.model = model;
        this.phrases = phrases;
        this.layer = layer;
    }

    /** What is added to the residual stream behind the block, [d_model, cases]. */
    Matrix trained() {
        int layers = model.config().nLayers();
        Site own = new Site(Site.Kind.RESIDUAL_POST, Math.min(layers - 1, layer + Math.round(layers / AHEAD)));
        Matrix way = phrases.readNamed(model, own).minus(phrases.read(model, new Site(Site.Kind.RESIDUAL_POST, layer)));
        float[] flat = way.toFloats();
        float[][] states = new float[way.columns()][way.rows()];
        for (int one = 0; one < states.length; one++) {
            for (int c = 0; c < way.rows(); c++) {
                states[one][c] = flat[c * states.length + one];
            }
            states[one] = trained(phrases.of(one), states[one]);
        }
        return Matrix.ofColumns(way.rows(), states);
    }

    /**
     * Trains one case's state.
     *
     * @param own the case's prompts, by their places
     * @param way from the state of the phrase to the bridge's own
     */
    private float[] trained(int[] own, float[] way) {
        float[] start = new float[way.length];
        double squares = 0;
        for (int c = 0; c < way.length; c++) {
            start[c] = (float) (START * way[c]);
            squares += (double) way[c] * way[c];
        }
        double rate = RATE * Math.sqrt(squares / way.length);
        List<int[]> named = Arrays.stream(own).mapToObj(phrases.named()::get).toList();
        List<int[]> continued = model.generate(phrases.prefix(), named, CONTINUED, soFar -> false);
        List<int[]> said = new ArrayList<>();
        for (int i = 0; i < own.length; i++) {
            said.add(TokenIds.joined(phrases.said().get(own[i]), continued.get(i)));
        }
        List<RecordedRun> runs = model.record(phrases.prefix(), said);
        try {
            List<StateTraining.Example> examples = new ArrayList<>();
            for (int i = 0; i < own.length; i++) {
                float[][] logits = model.allLogits(phrases.prefix(), TokenIds.joined(named.get(i), continued.get(i)));
                float[][] wanted =
                        Arrays.copyOfRange(logits, logits.length - 1 - continued.get(i).length, logits.length);
                examples.add(new StateTraining.Example(
                        runs.get(i), phrases.ends()[own[i]], wanted, 1.0 / (own.length * wanted.length)));
            }
            try (StateTraining training = new StateTraining(model, layer, examples, start, 0)) {
                for (int step = 0; step < STEPS; step++) {
                    training.step(rate);
                }
                return training.state();
            }
        } finally {
            runs.forEach(RecordedRun::close);
        }
    }
}
