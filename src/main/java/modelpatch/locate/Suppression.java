package modelpatch.locate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Estimate;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.Site;
import modelpatch.solve.LogitShift;

/**
 * Whether a run uses its implicit result: after each block alone, the residual stream h at one position is changed so that the implicit
 * result's logit W_U h falls to the least of all while the answer's stays, and the run goes on (after CREME, arXiv 2402.14328, section 4,
 * whose change realises only a part of what it asks for; here it is solved exactly). Random tokens, treated alike, say what any such change
 * does.
 *
 * @param implicit the token that is suppressed
 * @param answer the token whose probability at the last position is read
 * @param before that probability without any change
 * @param layers one entry per block
 */
public record Suppression(int implicit, int answer, double before, List<Layer> layers) {
    /** Random tokens for comparison. */
    private static final int CONTROLS = 20;

    private static final int DRAWS = 2000;

    /**
     * After one block.
     *
     * @param after the answer's probability where the implicit result is suppressed
     * @param control the mean probability where random tokens are, with its interval over the tokens
     */
    public record Layer(int layer, double after, Estimate control) {}

    static Suppression of(LanguageModel model, int[] ids, int position, int implicit, int answer, long seed) {
        LogitShift shift = LogitShift.of(
                model.weight(model.layout().unembedding().linear().weight()),
                model.config().dModel());
        int[] tokens = tokens(model.config().dVocab(), implicit, answer, seed);
        try (RecordedRun run = model.record(new int[0], ids)) {
            List<List<Intervention>> sets = new ArrayList<>();
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                Site site = new Site(Site.Kind.RESIDUAL_POST, layer);
                double[] logits = shift.logits(doubles(run.at(site, position)));
                for (int token : tokens) {
                    sets.add(List.of(Intervention.add(site, position, change(shift, logits, token, answer))));
                }
            }
            List<Readout> readouts = run.resume(position, sets, new int[] {answer}, true);
            List<Layer> layers = IntStream.range(0, model.config().nLayers())
                    .mapToObj(layer ->
                            layer(layer, readouts.subList(layer * tokens.length, (layer + 1) * tokens.length), seed))
                    .toList();
            return new Suppression(
                    implicit, answer, run.readout(new int[] {answer}).probability(0), layers);
        }
    }

    /** The implicit result first, then others for comparison. */
    private static int[] tokens(int vocabulary, int implicit, int answer, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        IntStream others = IntStream.generate(() -> random.nextInt(vocabulary))
                .filter(token -> token != implicit && token != answer)
                .distinct()
                .limit(Math.min(CONTROLS, vocabulary - 2));
        return IntStream.concat(IntStream.of(implicit), others).toArray();
    }

    private static Layer layer(int layer, List<Readout> readouts, long seed) {
        List<Double> controls = readouts.subList(1, readouts.size()).stream()
                .map(readout -> readout.probability(0))
                .toList();
        List<Integer> items = IntStream.range(0, controls.size()).boxed().toList();
        return new Layer(
                layer,
                readouts.get(0).probability(0),
                Estimate.mean(items, String::valueOf, controls::get, new ClusterBootstrap(DRAWS, seed)));
    }

    /**
     * The change of the residual stream, [d_model].
     *
     * @param logits W_U h
     */
    static float[] change(LogitShift shift, double[] logits, int token, int answer) {
        double least = Arrays.stream(logits).min().orElseThrow();
        return floats(shift.exactly(new int[] {token, answer}, new double[] {least - logits[token], 0}));
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
