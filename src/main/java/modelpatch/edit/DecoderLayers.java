package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.model.SteppedRun;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * One matrix of every block of a decoder, as a layer-by-layer edit sees them: all prompts of a role run side by side, block by block, and
 * stop before each block that is edited. The model itself is never changed. Owns native memory.
 */
final class DecoderLayers implements LayeredModel, AutoCloseable {
    private final LanguageModel model;
    private final EditedMatrix matrix;
    private final Set<Site.Kind> read;
    private final int[] prefix;
    private final List<Integer> layers;
    private final Map<Role, List<int[]>> prompts;
    private final RowWeights weights;
    private final int[] cases;
    private final BankKeys bank;
    private final UneditedRuns unedited;
    /** Runs on the model as edited so far. */
    private final Map<Role, List<SteppedRun>> live = new EnumMap<>(Role.class);
    /** What they read. */
    private final Map<Role, Map<Integer, Map<Site.Kind, float[][]>>> readings = new EnumMap<>(Role.class);

    /** Where an edit is only foreseen: the changes so far, by layer; no model carries them. */
    private final Map<Integer, LowRank> changes = new TreeMap<>();

    private final boolean forecast;
    private final Map<String, float[]> editedWeights = new LinkedHashMap<>();
    private final List<LanguageModel> views = new ArrayList<>();

    /** A model about to be edited as requested. */
    DecoderLayers(EditRequest request, RowWeights weights) {
        this.model = request.model();
        this.matrix = request.plan().matrix();
        this.read = EnumSet.of(matrix.reads(), matrix.stream(), Site.Kind.RESIDUAL_POST);
        this.weights = weights;
        this.bank = request.bank();
        this.forecast = request.isForecast();
        this.unedited = bank.runs(model);
        this.prefix = request.prefix().clone();
        this.layers = request.plan().layers();
        this.prompts = request.ids();
        this.cases = request.cases();
        for (int layer : layers) {
            if (layer < 0 || layer >= model.config().nLayers()) {
                throw new BadInput(
                        "no such layer",
                        model.name(),
                        "0 to " + (model.config().nLayers() - 1),
                        String.valueOf(layer),
                        "layers count from 0");
            }
        }
        unedited.expect(List.of(request.plan()));
    }

    @Override
    public List<Integer> layers() {
        return layers;
    }

    @Override
    public EditedMatrix matrix() {
        return matrix;
    }

    @Override
    public String tensor(int layer) {
        return matrix.tensor(model, layer);
    }

    @Override
    public int[] cases() {
        return cases.clone();
    }

    @Override
    public Matrix weight(int layer) {
        return matrix.weight(model, layer);
    }

    @Override
    public double[] weights(Role role) {
        return weights.of(role);
    }

    @Override
    public Observation observe(int layer, Role role, View view) {
        if (hasNone(role)) {
            int out = model.config().dModel();
            return new Observation(
                    Matrix.withoutColumns(matrix.inputs(model.config())),
                    Matrix.withoutColumns(out),
                    Matrix.withoutColumns(out));
        }
        if (role == Role.BANK && view == View.FROZEN) {
            Matrix keys = bank.at(prefix, prompts.get(Role.BANK), layer);
            Matrix unread = Matrix.withoutColumns(model.config().dModel()); // a bank is held, not moved
            return new Observation(keys, unread, unread);
        }
        Map<Site.Kind, float[][]> reading = reading(layer, role, view);
        Matrix keys = columns(reading.get(matrix.reads()));
        Matrix outputs = weight(layer).times(keys);
        // what the outputs are added to: the residual stream, and the matrix's bias where there is one
        Matrix residual = columns(reading.get(matrix.stream())).minus(outputs);
        return new Observation(keys, outputs, residual);
    }

    private boolean hasNone(Role role) {
        return prompts.getOrDefault(role, List.of()).isEmpty();
    }

    /** @throws BadInput for a family that norms the matrix's output, which then is no part of the residual stream */
    @Override
    public Matrix residualAfter(int layer, Role role) {
        matrix.requireResidual(model);
        return columns(reading(layer, role, View.FROZEN).get(Site.Kind.RESIDUAL_POST));
    }

    @Override
    public Matrix displaced(int layer, Role role) {
        if (hasNone(role)) {
            return Matrix.withoutColumns(model.config().dModel());
        }
        Matrix unedited = columns(reading(layer, role, View.FROZEN).get(matrix.stream()));
        return unedited.minus(columns(reading(layer, role, View.LIVE).get(matrix.stream())));
    }

    @Override
    public void edited(int layer, LowRank change) {
        if (forecast) {
            changes.put(layer, change);
            return;
        }
        Orientation orientation = model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN;
        TensorDelta delta = TensorDelta.of(tensor(layer), change, orientation);
        editedWeights.put(tensor(layer), TensorDelta.apply(model.weight(tensor(layer)), List.of(delta)));
        LanguageModel view = model.with(editedWeights);
        views.add(view);
        live.values().forEach(some -> some.forEach(run -> run.use(view)));
    }

    /** Up to the first edited layer the model as edited is the unedited one. */
    private Map<Site.Kind, float[][]> reading(int layer, Role role, View view) {
        List<int[]> asked = prompts.getOrDefault(role, List.of());
        if (view == View.LIVE && !changes.isEmpty()) {
            return added(asked, layer);
        }
        if (view == View.FROZEN || views.isEmpty()) {
            return unedited.at(prefix, asked, layer, layers);
        }
        return readings.computeIfAbsent(role, r -> new HashMap<>()).computeIfAbsent(layer, at -> {
            List<SteppedRun> some = live.computeIfAbsent(role, r -> start(asked));
            Map<Site.Kind, float[][]> all = new EnumMap<>(Site.Kind.class);
            some.forEach(
                    run -> run.read(at, read).forEach((kind, rows) -> all.merge(kind, rows, DecoderLayers::joined)));
            return all;
        });
    }

    /** What the unedited model reads, its residual stream with the movements of the changes so far; what these do to keys above is left out. */
    private Map<Site.Kind, float[][]> added(List<int[]> asked, int layer) {
        Map<Site.Kind, float[][]> reading = new EnumMap<>(unedited.at(prefix, asked, layer, layers));
        Matrix moved = Matrix.of(
                model.config().dModel(), asked.size(), new float[model.config().dModel() * asked.size()]);
        for (Map.Entry<Integer, LowRank> change : changes.entrySet()) {
            if (change.getKey() <= layer) {
                float[][] keys =
                        unedited.at(prefix, asked, change.getKey(), layers).get(matrix.reads());
                moved = moved.plus(change.getValue().times(columns(keys)));
            }
        }
        for (Site.Kind kind : EnumSet.of(matrix.stream(), Site.Kind.RESIDUAL_POST)) {
            float[][] rows = new float[asked.size()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = reading.get(kind)[i].clone();
                for (int c = 0; c < rows[i].length; c++) {
                    rows[i][c] += (float) moved.get(c, i);
                }
            }
            reading.put(kind, rows);
        }
        return reading;
    }

    private static float[][] joined(float[][] first, float[][] second) {
        float[][] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Prompts before the first edited layer, which goes on as it now is. */
    private List<SteppedRun> start(List<int[]> asked) {
        List<SteppedRun> some = unedited.before(prefix, asked, layers.get(0));
        some.forEach(run -> run.use(views.get(views.size() - 1)));
        return some;
    }

    /** Rows [n][columns] as the columns of a matrix [columns, n]. */
    private static Matrix columns(float[][] rows) {
        return Matrix.ofColumns(rows.length == 0 ? 0 : rows[0].length, rows);
    }

    @Override
    public void close() {
        live.values().forEach(some -> some.forEach(SteppedRun::close));
        views.forEach(LanguageModel::close);
    }
}
