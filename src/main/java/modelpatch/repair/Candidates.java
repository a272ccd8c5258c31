package modelpatch.repair;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Method;
import modelpatch.locate.ByLayerSite;
import modelpatch.locate.Findings;
import modelpatch.locate.RankedLayer;
import modelpatch.model.HeadAddress;
import modelpatch.model.LanguageModel;

/** The plans that a search starts from, drawn up from what was located. */
final class Candidates {
    /** Only an edit that moves the residual stream can be made where MLPs write. */
    private static final List<EditedMatrix> ATTENTION = List.of(EditedMatrix.W_O);

    private static final List<EditedMatrix> ALL = List.of(EditedMatrix.values());

    /** Keys of an MLP are long: the same repair takes a change a tenth as large, and bears more weight on what others read. */
    private static final Map<EditedMatrix, double[]> LAMBDAS =
            Map.of(EditedMatrix.W_O, new double[] {10, 100}, EditedMatrix.W_DOWN, new double[] {1000, 10_000});

    /** Many cases together weigh more than one: what holds the others must keep up, and it is shared out over a larger bank. */
    private static final double[] HOLDS_A_CASE = {3, 10};

    private static final double LAMBDA_OF_MANY = 1000;

    /** Plans that are tried without a search. */
    private static final int AT_ONCE = 3;

    /** Many cases bring each other's relations along. */
    private static final int RELATIONS_OF_MANY = 0;

    /** Where many cases compete, some are reached only when they are given more weight than the others. */
    private static final int ROUNDS_OF_MANY = 3;

    private Candidates() {}

    /**
     * Every set of sites with every method and a few weights of the second moment.
     *
     * @param findings whose sites are taken
     * @param heads the heads that the edit must be confined to; empty for a free choice
     * @param layers the layers to edit; empty for a free choice
     * @param matrix what to edit of a layer; empty for a free choice, which is W_O where layers are given and for one case
     * @param methods the methods to choose among
     * @param together how many cases one edit will be of
     */
    static List<EditPlan> of(
            Findings findings,
            List<HeadAddress> heads,
            List<Integer> layers,
            Optional<EditedMatrix> matrix,
            List<Method> methods,
            int together) {
        List<EditPlan> plans = new ArrayList<>();
        for (Method method : methods) {
            EditPlan own = EditPlan.of(method, layers);
            List<EditPlan> sited;
            if (!heads.isEmpty()) {
                sited = List.of(own.within(heads));
            } else if (!layers.isEmpty()) {
                sited = List.of(own.on(matrix.orElse(own.matrix()), layers));
            } else {
                boolean mlps = method.editor().movesResidual();
                sited = located(findings, own, matrix.map(List::of).orElse(mlps ? ALL : ATTENTION));
            }
            for (EditPlan plan : sited) {
                plans.addAll(method.editor().usesMoments() ? weighted(plan, together) : List.of(plan));
            }
        }
        return List.copyOf(plans);
    }

    /** A plan at every set of sites of some matrices. */
    private static List<EditPlan> located(Findings findings, EditPlan plan, List<EditedMatrix> matrices) {
        List<EditPlan> plans = new ArrayList<>();
        if (matrices.contains(EditedMatrix.W_O)) {
            layerSets(findings).forEach(set -> plans.add(plan.on(set)));
            if (!findings.sites().heads().isEmpty()) {
                plans.add(plan.within(findings.sites().addresses()));
            }
        }
        if (matrices.contains(EditedMatrix.W_DOWN)) {
            mlpLayerSets(findings).forEach(set -> plans.add(plan.on(EditedMatrix.W_DOWN, set)));
        }
        return plans;
    }

    /** Of plans that differ in the weight of the second moment alone the one that lets it weigh most; the first few of them. */
    static List<EditPlan> strongest(List<EditPlan> plans) {
        Map<EditPlan, EditPlan> strongest = new LinkedHashMap<>();
        plans.forEach(plan -> strongest.merge(
                plan.withLambda(0), plan, (one, other) -> one.lambda() >= other.lambda() ? one : other));
        return strongest.values().stream().limit(AT_ONCE).toList();
    }

    private static List<EditPlan> weighted(EditPlan plan, int together) {
        List<EditPlan> plans = new ArrayList<>();
        if (together > 1) {
            for (double hold : HOLDS_A_CASE) {
                plans.add(plan.withLambda(LAMBDA_OF_MANY)
                        .withHold(hold * together)
                        .withRounds(ROUNDS_OF_MANY)
                        .withRelations(RELATIONS_OF_MANY));
            }
        } else {
            for (double lambda : LAMBDAS.get(plan.matrix())) {
                plans.add(plan.withLambda(lambda));
            }
        }
        return plans;
    }

    /** Each window, all windows together, the layers of the chosen heads, both together, and those with what lies between them. */
    static Set<List<Integer>> layerSets(Findings findings) {
        Set<List<Integer>> sets = new LinkedHashSet<>();
        TreeSet<Integer> all = new TreeSet<>();
        for (RankedLayer window : findings.sites().windows()) {
            sets.add(layers(window.first(), window.last()));
            all.addAll(layers(window.first(), window.last()));
        }
        if (!all.isEmpty()) {
            sets.add(List.copyOf(all));
        }
        TreeSet<Integer> ofHeads = new TreeSet<>();
        findings.sites().addresses().forEach(head -> ofHeads.add(head.layer()));
        if (!ofHeads.isEmpty()) {
            sets.add(List.copyOf(ofHeads));
            all.addAll(ofHeads);
            sets.add(List.copyOf(all));
        }
        if (!all.isEmpty()) {
            sets.add(layers(all.first(), all.last()));
            sets.addAll(wider(findings, all));
        }
        return sets;
    }

    private static List<Integer> layers(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList();
    }

    /** The window whose MLPs together have the greatest effect, and the layers whose MLP alone has a clear one. */
    static Set<List<Integer>> mlpLayerSets(Findings findings) {
        Set<List<Integer>> sets = new LinkedHashSet<>();
        findings.last().layers().mlpWindows().stream()
                .filter(RankedLayer::clearlyPositive)
                .max(Comparator.comparingDouble(RankedLayer::score))
                .ifPresent(window -> sets.add(layers(window.first(), window.last())));
        List<Integer> clear = findings.last().layers().mlp().stream()
                .filter(RankedLayer::clearlyPositive)
                .map(RankedLayer::layer)
                .sorted()
                .toList();
        if (!clear.isEmpty()) {
            sets.add(clear);
        }
        return sets;
    }

    /** The located layers with the next best one, and with the next two, as far as their attention alone has a clear effect. */
    private static List<List<Integer>> wider(Findings findings, Set<Integer> located) {
        List<List<Integer>> sets = new ArrayList<>();
        TreeSet<Integer> grown = new TreeSet<>(located);
        findings.last().layers().attention().stream()
                .filter(layer -> !located.contains(layer.layer()))
                .filter(RankedLayer::clearlyPositive)
                .sorted(Comparator.comparingDouble(RankedLayer::score)
                        .reversed()
                        .thenComparing(RankedLayer::layer))
                .limit(2)
                .forEach(layer -> {
                    grown.add(layer.layer());
                    sets.add(List.copyOf(grown));
                });
        return sets;
    }

    /**
     * As many layers of least effect as a plan edits, none of which it edits; fewer where the model has no more with the plan's matrix. For
     * the control.
     */
    static List<Integer> unlocated(Findings findings, EditPlan plan, LanguageModel model) {
        ByLayerSite<List<RankedLayer>> layers = findings.last().layers();
        return (plan.matrix() == EditedMatrix.W_O ? layers.attention() : layers.mlp())
                .stream()
                        .filter(layer -> !plan.layers().contains(layer.layer()))
                        .filter(layer -> plan.matrix().isIn(model, layer.layer()))
                        .filter(layer -> plan.method().editor().canUse(layer.layer(), model))
                        .sorted(Comparator.comparingDouble(RankedLayer::score).thenComparing(RankedLayer::layer))
                        .limit(plan.layers().size())
                        .map(RankedLayer::layer)
                        .sorted()
                        .toList();
    }
}
