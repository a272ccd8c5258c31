package modelpatch.edit;

import java.util.List;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/**
 * Predicts what an edit will do without running an edited model, of which not even its upper layers are solved on: how far neighbours will move at the first edited layer, dW q = R (G q), and
 * what the movements of all layers, added to the residual stream of the edited prompts, do to the answer in the logit lens.
 */
public final class Forecast {
    private static final int NEIGHBOURS = 12;

    private final Workbench bench;
    private final Protocol protocol;
    private final CaseSuite suite;
    private final PromptMaker prompts;

    /** A forecast for one editor's model. */
    public Forecast(Workbench bench, Protocol protocol, CaseSuite suite, PromptMaker prompts) {
        this.bench = bench;
        this.protocol = protocol;
        this.suite = suite;
        this.prompts = prompts;
    }

    /**
     * What is expected, as means over cases.
     *
     * @param gain of the answer's log-probability in the lens after the last edited layer, nats
     * @param leak |dW q| of neighbours on validation templates at the first edited layer, as a share of what was asked of the edit keys
     */
    public record Prediction(double gain, double leak) {
        /** What plans are sorted by: the gain, less the share of it that the neighbours are expected to feel. */
        public double merit() {
            return gain * (1 - Math.min(1, leak));
        }
    }

    /** Each case edited alone: what is compared are sites, and many cases would cost much to say the same of them. */
    public Prediction of(EditPlan plan, List<CompositionalCase> cases) {
        EditPlan alone = plan.withRounds(1).withHold(1);
        double gain = 0;
        double leak = 0;
        for (CompositionalCase one : cases) {
            Edit edit = bench.foreseen(prompts.of(List.of(one), alone), alone);
            gain += gain(edit, one) / cases.size();
            leak += leak(edit, one) / cases.size();
        }
        return new Prediction(gain, leak);
    }

    private double leak(Edit edit, CompositionalCase one) {
        List<String> neighbours = suite.sameRelations(one).stream()
                .limit(NEIGHBOURS)
                .flatMap(other ->
                        other.compositions(TemplateSplit.VALIDATION).stream().limit(1))
                .map(Query::prompt)
                .distinct()
                .toList();
        LayerEdit first = edit.layers().get(0);
        double asked = first.asked();
        if (neighbours.isEmpty() || asked == 0) {
            return 0;
        }
        Site site = new Site(first.matrix().reads(), first.layer());
        Matrix keys = bench.unedited(neighbours, first.matrix(), site);
        return first.movement(keys).meanColumnNorm() / asked;
    }

    private double gain(Edit edit, CompositionalCase one) {
        LanguageModel model = bench.model();
        Query query = Query.first(one.compositions(), protocol.form()).orElse(one.primary());
        int[] answer = {
            new PromptEncoder(model, protocol.frame())
                    .encode(query.prompt(), List.of(one.answer()))
                    .answers()
                    .get(0)[0]
        };
        Site end = new Site(
                Site.Kind.RESIDUAL_POST,
                edit.layers().get(edit.layers().size() - 1).layer());
        List<String> prompt = List.of(query.prompt());
        Matrix residual = bench.unedited(prompt, edit.plan().matrix(), end);
        Matrix moved = residual;
        for (LayerEdit layer : edit.layers()) {
            // keys of the unedited model: what lower edits do to higher keys is left to the trial
            Site reads = new Site(layer.matrix().reads(), layer.layer());
            moved = moved.plus(layer.change().times(bench.unedited(prompt, layer.matrix(), reads)));
        }
        return logProbability(model, moved, answer) - logProbability(model, residual, answer);
    }

    /** Of a token in the lens, for a residual stream [d_model, 1]. */
    private static double logProbability(LanguageModel model, Matrix residual, int[] token) {
        LensReading reading = model.lens(List.of(residual.toFloats()), token, true);
        return reading.logits()[0][0] - reading.logSumExp()[0];
    }
}
