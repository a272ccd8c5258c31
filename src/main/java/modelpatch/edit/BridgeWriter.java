package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.evaluate.EditSet;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Gain;
import modelpatch.solve.KeyRows;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;
import modelpatch.solve.Metric;

/**
 * Writes the bridge where the first hops' phrase ends: what "the country of citizenship of Victor Hugo" leads to, as a state that the model can go on
 * from in any question, instead of an answer at the end of one. The state is trained without labels ({@link BridgeStates}); the weights are
 * then changed in closed form, one key per case at the end of its phrase, exactly, in the metric of the second moment of what the matrix reads
 * anywhere, with every token of the prompts that must stay held softly. Of several layers each takes its share of what is left.
 */
final class BridgeWriter implements Editor {
    /** Weight of one protected token beside lambda times the second moment, which stands for all others. */
    private static final double HELD = 1;

    /** The block to write at where nobody says otherwise: at two fifths of a model, where its maps say that a bridge is read from most. */
    static int block(int layers) {
        return Math.max(0, Math.min(layers - 2, Math.round(0.4f * layers)));
    }

    @Override
    public EditedMatrix matrix() {
        return EditedMatrix.W_DOWN;
    }

    @Override
    public List<Integer> usualLayers(int layers) {
        return List.of(block(layers));
    }

    @Override
    public boolean writesBridge() {
        return true;
    }

    /** What has the bridge can be asked anything about it. */
    @Override
    public Set<EditSet> claims() {
        return Set.of(EditSet.GENERALISATION);
    }

    @Override
    public String name() {
        return "bridge-writer";
    }

    @Override
    public Numbers numbers() {
        return new Numbers(10_000, 1e-6, 1);
    }

    @Override
    public boolean movesResidual() {
        return true;
    }

    @Override
    public boolean canUse(int layer, LanguageModel model) {
        return Spread.hasReader(layer, model);
    }

    /** @throws modelpatch.BadInput also where no block is behind the last layer, or a norm stands between the matrix and the residual stream */
    @Override
    public List<LayerEdit> edit(EditRequest request) {
        LanguageModel model = request.model();
        EditPlan plan = request.plan();
        Spread.requireReader(plan, model);
        int last = Spread.last(plan);
        Phrases phrases = Phrases.of(request);
        Matrix were = phrases.read(model, new Site(Site.Kind.RESIDUAL_POST, last));
        Matrix goals = were.towards(were.plus(new BridgeStates(model, phrases, last).trained()), plan.scale());
        return Spread.over(
                request,
                phrases.marked(),
                goals,
                (live, layer, movements) -> edit(request, live, phrases, layer, movements));
    }

    /** @param movements R [d_model, cases] */
    private static LayerEdit edit(
            EditRequest request, LanguageModel live, Phrases phrases, int layer, Matrix movements) {
        EditPlan plan = request.plan();
        String tensor = plan.matrix().tensor(live, layer);
        Site site = new Site(plan.matrix().reads(), layer);
        Matrix keys = phrases.read(live, site);
        Matrix held = plan.hold() > 0 ? held(request, live, site) : Matrix.withoutColumns(keys.rows());
        KeyRows rows = KeyRows.at(tensor, plan.columns(live, layer))
                .move(keys, KeyRows.EXACT)
                .holdEach(held, HELD * plan.hold());
        Metric metric = new Metric(
                plan.lambda() > 0
                        ? Optional.of(request.moments().at(layer).scaledTo(keys.meanSquaredColumnNorm()))
                        : Optional.empty(),
                plan.lambda(),
                plan.ridge() * keys.meanSquaredColumnNorm());
        Gain gain = rows.solve(metric);
        LowRank change = gain.delta(movements);
        Matrix weight = plan.matrix().weight(live, layer);
        List<PostCondition> conditions = new ArrayList<>();
        conditions.add(PostCondition.atMost(
                tensor + ": gradient of the least-squares problem, relative", 1e-8, rows.optimality(gain, metric)));
        conditions.addAll(new PostConditions(tensor, weight, change)
                .check(keys, weight.times(keys).plus(movements), List.of()));
        return new LayerEdit(
                layer,
                plan.matrix(),
                tensor,
                change,
                movements.meanColumnNorm(),
                1,
                Optional.of(new LayerEdit.Solution(gain, movements)),
                conditions,
                List.of());
    }

    /** What the matrix reads at every token of what must stay, and at every token of the edited prompts but the end of their phrase. */
    private static Matrix held(EditRequest request, LanguageModel live, Site site) {
        List<float[]> keys = new ArrayList<>();
        for (Role role : List.of(Role.PROTECTED, Role.EDIT, Role.MENTION)) {
            List<int[]> prompts = request.prompts(role);
            int[] ends = request.ends(role);
            if (prompts.isEmpty()) {
                continue;
            }
            ActivationCache cache = live.run(request.prefix(), prompts, Set.of(site), List.of(), false);
            for (int i = 0; i < ends.length; i++) {
                // nothing before the end of the phrase may move, and what is behind it is moved by the state itself
                int length = role == Role.PROTECTED ? prompts.get(i).length : ends[i];
                for (int position = 0; position < length; position++) {
                    if (position != ends[i]) {
                        keys.add(cache.at(i, site, position));
                    }
                }
            }
        }
        return Matrix.ofColumns(request.plan().matrix().inputs(live.config()), keys.toArray(float[][]::new));
    }
}
