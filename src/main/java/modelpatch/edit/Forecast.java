package modelpatch.edit;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Predicts what an edit will do without running the edited model: how far neighbours will move at the first edited layer, dW q = R (G q), and
 * what the movements of all layers, added to the residual stream of the edited prompts, do to the answer in the logit lens.
 */
public final class Forecast {
    private static final int NEIGHBOURS = 12;

    private final CaseEditor editor;
    private final Protocol protocol;
    private final CaseSuite suite;
    private final PromptMaker prompts;

    /** A forecast for one editor's model. */
    public Forecast(CaseEditor editor, Protocol protocol, CaseSuite suite, PromptMaker prompts) {
        this.editor = editor;
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
    Prediction of(EditPlan plan, List<CompositionalCase> cases) {
        EditPlan alone = plan.withRounds(1).withHold(1);
        double gain = 0;
        double leak = 0;
        for (CompositionalCase one : cases) {
            CaseEditor.Edit edit = editor.edit(prompts.of(List.of(one), alone), alone);
            gain += gain(edit, List.of(one)) / cases.size();
            leak += leak(edit, List.of(one)) / cases.size();
        }
        return new Prediction(gain, leak);
    }

    private double leak(CaseEditor.Edit edit, List<CompositionalCase> cases) {
        List<String> neighbours = cases.stream()
                .flatMap(one -> suite.sameRelations(one).stream().limit(NEIGHBOURS))
                .flatMap(other ->
                        other.compositions(TemplateSplit.VALIDATION).stream().limit(1))
                .map(Query::prompt)
                .distinct()
                .limit(4L * NEIGHBOURS)
                .toList();
        LayerEdit first = edit.layers().get(0);
        double asked = MovementCheck.meanNorm(first.movements());
        if (neighbours.isEmpty() || asked == 0) {
            return 0;
        }
        Site site = new Site(edit.plan().matrix().reads(), first.layer());
        DMatrixRMaj keys =
                LastRows.of(editor.model(), protocol, neighbours, Set.of(site)).at(site);
        return MovementCheck.meanNorm(MovementCheck.predicted(first, keys)) / asked;
    }

    private double gain(CaseEditor.Edit edit, List<CompositionalCase> cases) {
        LanguageModel model = editor.model();
        PromptEncoder encoder = new PromptEncoder(model, protocol.fewShot().text());
        List<String> asked = new ArrayList<>();
        int[] answers = new int[cases.size()];
        for (int i = 0; i < cases.size(); i++) {
            Query query = Query.first(cases.get(i).compositions(), protocol.form())
                    .orElse(cases.get(i).primary());
            asked.add(query.prompt());
            answers[i] = encoder.encode(query.prompt(), List.of(cases.get(i).answer()))
                    .answers()
                    .get(0)[0];
        }
        Site end = new Site(
                Site.Kind.RESIDUAL_POST,
                edit.layers().get(edit.layers().size() - 1).layer());
        Set<Site> sites = new LinkedHashSet<>(Set.of(end));
        Site.Kind reads = edit.plan().matrix().reads();
        edit.layers().forEach(layer -> sites.add(new Site(reads, layer.layer())));
        LastRows rows = LastRows.of(model, protocol, asked, sites);
        DMatrixRMaj residual = rows.at(end);
        DMatrixRMaj moved = residual.copy();
        for (LayerEdit layer : edit.layers()) {
            // keys of the unedited model: what lower edits do to higher keys is left to the trial
            CommonOps_DDRM.addEquals(moved, layer.change().times(rows.at(new Site(reads, layer.layer()))));
        }
        double gain = 0;
        LensReading before = model.lens(rows(residual), answers, true);
        LensReading after = model.lens(rows(moved), answers, true);
        for (int i = 0; i < answers.length; i++) {
            gain += after.logits()[i][i] - after.logSumExp()[i] - before.logits()[i][i] + before.logSumExp()[i];
        }
        return gain / answers.length;
    }

    private static List<float[]> rows(DMatrixRMaj columns) {
        List<float[]> rows = new ArrayList<>();
        for (int j = 0; j < columns.numCols; j++) {
            float[] row = new float[columns.numRows];
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) columns.get(i, j);
            }
            rows.add(row);
        }
        return rows;
    }
}
