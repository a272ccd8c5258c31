package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Columns;
import modelpatch.solve.Gain;
import modelpatch.solve.KeyRows;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;
import modelpatch.solve.Metric;
import modelpatch.solve.NullSpace;

/**
 * Teaches what is said of a subject, as the published editors of facts do ({@link SubjectForm}): the key is what the matrix reads where the subject's
 * name ends, averaged over the prompts of a case; the value is trained there until the answer follows ({@link SubjectStates}); the weights are
 * changed in closed form. Of several layers each takes its share of what is left.
 */
record SubjectEditor(SubjectForm form) implements Editor {
    /** The loss in nats above which another answer is likelier. */
    private static final double FAR = 0.7;

    @Override
    public String name() {
        return form.name();
    }

    @Override
    public Numbers numbers() {
        return form.numbers();
    }

    @Override
    public EditedMatrix matrix() {
        return EditedMatrix.W_DOWN;
    }

    @Override
    public List<Integer> usualLayers(int layers) {
        return form.layers(layers);
    }

    @Override
    public boolean isToldAnswers() {
        return true;
    }

    @Override
    public boolean movesResidual() {
        return true;
    }

    @Override
    public boolean canUse(int layer, LanguageModel model) {
        return Spread.hasReader(layer, model);
    }

    /** @throws BadInput also where no block is behind the last layer, or a norm stands between the matrix and the residual stream */
    @Override
    public List<LayerEdit> edit(EditRequest request) {
        EditPlan plan = request.plan();
        LanguageModel model = request.model();
        Spread.requireReader(plan, model);
        if (form.solve() == SubjectForm.Solve.NULL_SPACE && !plan.heads().isEmpty()) {
            throw new BadInput(
                    "a null space of some heads", "--heads", "whole matrices", plan.heads() + "", "leave it out");
        }
        int last = Spread.last(plan);
        MarkedPrompts subjects = subjects(request);
        Matrix were = subjects.mean(model, new Site(Site.Kind.RESIDUAL_POST, last));
        Matrix anchors = switch (form.anchor()) {
            case OUTPUT -> plan.matrix().weight(model, last).times(keys(request, model, subjects, last));
            case RESIDUAL -> were;
        };
        SubjectStates.Trained trained = new SubjectStates(request, subjects, last, form.clamp()).trained(anchors);
        Matrix goals = were.towards(were.plus(trained.vectors()), plan.scale());
        return Spread.over(
                request,
                subjects,
                goals,
                (live, layer, movements) -> edit(
                        request,
                        live,
                        layer,
                        keys(request, live, subjects, layer),
                        movements,
                        layer == last ? far(trained.losses()) : List.of()));
    }

    /** What is said of states that training did not bring to their answers. */
    private static List<String> far(double[] losses) {
        return Arrays.stream(losses)
                .filter(loss -> loss > FAR)
                .mapToObj(loss -> modelpatch.Numbers.format(
                        "a trained state leaves a loss of %.1f nats: no change that writes it brings the answer", loss))
                .toList();
    }

    private static MarkedPrompts subjects(EditRequest request) {
        return new MarkedPrompts(
                request.prefix(),
                request.cases(),
                request.prompts(Role.EDIT),
                request.told().stream().mapToInt(EditPrompts.Told::subject).toArray());
    }

    private static Matrix keys(EditRequest request, LanguageModel live, MarkedPrompts subjects, int layer) {
        return subjects.mean(live, new Site(request.plan().matrix().reads(), layer));
    }

    /**
     * @param keys K [d_in, cases]
     * @param movements R [d_model, cases]
     */
    private LayerEdit edit(
            EditRequest request, LanguageModel live, int layer, Matrix keys, Matrix movements, List<String> notes) {
        EditPlan plan = request.plan();
        String tensor = plan.matrix().tensor(live, layer);
        Columns columns = plan.columns(live, layer);
        double squared = keys.meanSquaredColumnNorm();
        Optional<NullSpace> free = Optional.empty();
        double weight = 1;
        Matrix read = keys;
        Matrix held = Matrix.withoutColumns(keys.rows());
        Metric metric;
        switch (form.solve()) {
            case EXACT -> {
                weight = KeyRows.EXACT;
                metric = new Metric(
                        Optional.of(request.moments().at(layer).matrix()), plan.lambda(), plan.ridge() * squared);
            }
            case MOMENT ->
                metric = new Metric(
                        Optional.of(request.moments().at(layer).matrix()),
                        plan.lambda() * keys.rows(),
                        plan.ridge() * squared);
            case NULL_SPACE -> {
                free = Optional.of(request.moments().nullSpace(layer, plan.lambda()));
                read = free.orElseThrow().project(keys);
                metric = new Metric(Optional.empty(), 0, plan.ridge() * squared);
            }
            case HELD -> {
                held = plan.hold() > 0 ? held(request, live, layer) : held;
                metric = new Metric(Optional.empty(), 0, plan.ridge() * squared);
            }
            default -> throw new IllegalStateException();
        }
        KeyRows rows = KeyRows.at(tensor, columns).move(read, weight).holdEach(held, plan.hold());
        Gain gain = rows.solve(metric);
        LowRank change = gain.delta(movements);
        Matrix moved = weight == KeyRows.EXACT ? movements : movements.times(gain.shares(keys));
        List<PostCondition> conditions = new ArrayList<>();
        conditions.add(PostCondition.atMost(
                tensor + ": gradient of the least-squares problem, relative", 1e-8, rows.optimality(gain, metric)));
        conditions.addAll(new PostConditions(tensor, plan.matrix().weight(live, layer), change)
                .check(keys, plan.matrix().weight(live, layer).times(keys).plus(moved), List.of()));
        List<String> warnings = new ArrayList<>(notes);
        free.ifPresent(space -> {
            conditions.add(PostCondition.atMost(
                    tensor + ": |dW (I - P)| / |dW|, P of rank " + space.rank() + " of " + space.size(),
                    PostConditions.REQUIRED,
                    space.leak(change)));
            warnings.add(tensor + ": the null space has rank " + space.rank() + " of " + space.size());
        });
        double asked = movements.norm();
        return new LayerEdit(
                layer,
                plan.matrix(),
                tensor,
                change,
                movements.meanColumnNorm(),
                asked > 0 ? 1 - movements.minus(moved).norm() / asked : 1,
                Optional.of(new LayerEdit.Solution(gain, movements)),
                conditions,
                warnings);
    }

    /** What the matrix reads at every token of what must stay. */
    private static Matrix held(EditRequest request, LanguageModel live, int layer) {
        Site site = new Site(request.plan().matrix().reads(), layer);
        List<float[]> keys = new ArrayList<>();
        for (Role role : List.of(Role.PROTECTED, Role.BANK)) {
            List<int[]> prompts = request.prompts(role);
            if (!prompts.isEmpty()) {
                ActivationCache cache = live.run(request.prefix(), prompts, Set.of(site), List.of(), false);
                for (int i = 0; i < prompts.size(); i++) {
                    keys.addAll(Arrays.asList(cache.all(i, site)));
                }
            }
        }
        return Matrix.ofColumns(request.plan().matrix().inputs(live.config()), keys.toArray(float[][]::new));
    }
}
