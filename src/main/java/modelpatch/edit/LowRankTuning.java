package modelpatch.edit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import modelpatch.model.Adapter;
import modelpatch.model.AdapterTraining;
import modelpatch.model.DecoderTraining;
import modelpatch.model.LanguageModel;
import modelpatch.model.TokenIds;
import modelpatch.solve.Columns;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * Fine-tunes a few matrices by factors of low rank (LoRA, Hu et al. 2021) until the answers follow their prompts, and stops there: what everybody
 * tries first. Nothing is held.
 */
final class LowRankTuning implements Editor {
    private static final int RANK = 4;
    private static final double ALPHA = 8;
    private static final int STEPS = 80;
    private static final double RATE = 5e-3;

    /** The loss in nats at which the answers follow. */
    static final double ENOUGH = 0.05;

    /** One thread, as their number decides how training rounds. */
    private static final int THREADS = 1;

    private static final int WINDOW = 5;

    private final double enough;

    /** @param enough the loss in nats at which it stops */
    LowRankTuning(double enough) {
        this.enough = enough;
    }

    @Override
    public String name() {
        return "lora";
    }

    @Override
    public EditedMatrix matrix() {
        return EditedMatrix.W_DOWN;
    }

    @Override
    public boolean isToldAnswers() {
        return true;
    }

    /** The five before the last fifth of a model. */
    @Override
    public List<Integer> usualLayers(int layers) {
        int end = Math.max(1, Math.round(0.8f * layers));
        return IntStream.range(Math.max(0, end - WINDOW), end).boxed().toList();
    }

    @Override
    public List<LayerEdit> edit(EditRequest request) {
        LanguageModel model = request.model();
        EditPlan plan = request.plan();
        TreeMap<String, Integer> layers = new TreeMap<>();
        plan.layers().forEach(layer -> layers.put(plan.matrix().tensor(model, layer), layer));
        Adapter start = Adapter.beginning(
                model.layout(), linear -> layers.containsKey(linear.weight()), RANK, ALPHA, new SplittableRandom(0));
        List<AdapterTraining.Sequence> batch = request.told().stream()
                .map(told -> sequence(request.prefix(), told))
                .toList();
        int step = 0;
        double loss = Double.POSITIVE_INFINITY;
        Adapter adapter;
        try (AdapterTraining training =
                new AdapterTraining(model, start, new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, 1), THREADS)) {
            while (step < STEPS && loss >= enough) {
                loss = training.step(batch, RATE);
                step++;
            }
            adapter = training.adapter();
        }
        String note = modelpatch.Numbers.format("%d steps, the last from a loss of %.3f", step, loss);
        List<LayerEdit> edits = new ArrayList<>();
        adapter.factors().forEach((tensor, factors) -> {
            LowRank change = LowRank.product(
                    Matrix.of(factors.dOut(), RANK, factors.b()).scaled(adapter.scale()),
                    Matrix.of(RANK, factors.dIn(), factors.a()),
                    Columns.all(factors.dIn()));
            edits.add(new LayerEdit(
                    layers.get(tensor),
                    plan.matrix(),
                    tensor,
                    change,
                    0,
                    1,
                    Optional.empty(),
                    List.of(PostCondition.atMost(
                            tensor + ": rank of the change beyond that of its factors", 0, change.rank() - RANK)),
                    List.of(note)));
        });
        edits.sort(Comparator.comparingInt(LayerEdit::layer));
        return List.copyOf(edits);
    }

    private static AdapterTraining.Sequence sequence(int[] prefix, EditPrompts.Told told) {
        int[] ids = TokenIds.joined(prefix, told.ids());
        float[] importance = new float[ids.length];
        for (int i = ids.length - told.answer(); i < ids.length; i++) {
            importance[i] = 1;
        }
        return new AdapterTraining.Sequence(ids, importance);
    }
}
