package modelpatch.edit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.model.SteppedRun;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The attention output matrices W_O of a decoder, as a layer-by-layer edit sees them: all prompts of a role run side by side, block by
 * block, and stop before each block that is edited. The model itself is never changed. Owns native memory.
 */
public final class DecoderLayers implements LayeredModel, AutoCloseable {
    private static final Set<Site.Kind> READ =
            Set.of(Site.Kind.Z, Site.Kind.RESIDUAL_PRE, Site.Kind.ATTENTION_OUT, Site.Kind.RESIDUAL_POST);

    private final LanguageModel model;
    private final int[] prefix;
    private final List<Integer> layers;
    private final Map<Role, List<int[]>> prompts;
    private final int[] cases;
    private final BankKeys bank;
    private final Map<View, Map<Role, SteppedRun>> runs = new EnumMap<>(View.class);
    private final Map<View, Map<Role, Map<Integer, Map<Site.Kind, float[][]>>>> readings = new EnumMap<>(View.class);
    private final Map<String, float[]> editedWeights = new LinkedHashMap<>();
    private final List<LanguageModel> views = new ArrayList<>();

    /**
     * A model about to be edited.
     *
     * @param model with whatever patches are on it already; not changed
     * @param prefix tokens before every prompt
     * @param layers blocks to edit, ascending
     * @param prompts token ids by role; EDIT and GUIDE are parallel
     * @param cases for each edit prompt the index of its case, ascending from 0
     */
    public DecoderLayers(
            LanguageModel model, int[] prefix, List<Integer> layers, Map<Role, List<int[]>> prompts, int[] cases) {
        this(model, prefix, layers, prompts, cases, new BankKeys(model));
    }

    /** @param bank of the same model, which remembers keys from edit to edit */
    DecoderLayers(
            LanguageModel model,
            int[] prefix,
            List<Integer> layers,
            Map<Role, List<int[]>> prompts,
            int[] cases,
            BankKeys bank) {
        this.model = model;
        this.bank = bank;
        this.prefix = prefix.clone();
        this.layers = List.copyOf(layers);
        this.prompts = Map.copyOf(prompts);
        this.cases = cases.clone();
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
        for (View view : View.values()) {
            runs.put(view, new EnumMap<>(Role.class));
            readings.put(view, new EnumMap<>(Role.class));
        }
    }

    @Override
    public List<Integer> layers() {
        return layers;
    }

    @Override
    public String tensor(int layer) {
        return model.outputName(layer);
    }

    @Override
    public int[] cases() {
        return cases.clone();
    }

    @Override
    public DMatrixRMaj weight(int layer) {
        return outputWeight(model, layer);
    }

    /** W_O [d_out, d_in] of a block, in double. */
    static DMatrixRMaj outputWeight(LanguageModel model, int layer) {
        int in = model.config().nHeads() * model.config().dHead();
        int out = model.config().dModel();
        float[] stored = model.weight(model.outputName(layer));
        boolean transposed = model.storesTransposed();
        DMatrixRMaj weight = new DMatrixRMaj(out, in);
        for (int i = 0; i < out; i++) {
            for (int j = 0; j < in; j++) {
                weight.set(i, j, stored[transposed ? j * out + i : i * in + j]);
            }
        }
        return weight;
    }

    @Override
    public Observation observe(int layer, Role role, View view) {
        if (prompts.getOrDefault(role, List.of()).isEmpty()) {
            int in = model.config().nHeads() * model.config().dHead();
            int out = model.config().dModel();
            return new Observation(new DMatrixRMaj(in, 0), new DMatrixRMaj(out, 0), new DMatrixRMaj(out, 0));
        }
        if (role == Role.BANK && view == View.FROZEN) {
            DMatrixRMaj keys = bank.at(prefix, prompts.get(Role.BANK), layer);
            DMatrixRMaj unread = new DMatrixRMaj(model.config().dModel(), 0); // a bank is held, not moved
            return new Observation(keys, unread, unread);
        }
        Map<Site.Kind, float[][]> reading = reading(layer, role, view);
        DMatrixRMaj keys = columns(reading.get(Site.Kind.Z));
        DMatrixRMaj outputs = CommonOps_DDRM.mult(weight(layer), keys, null);
        // what the outputs are added to: the residual stream, and W_O's bias where there is one
        DMatrixRMaj residual = columns(reading.get(Site.Kind.RESIDUAL_PRE));
        CommonOps_DDRM.addEquals(residual, columns(reading.get(Site.Kind.ATTENTION_OUT)));
        CommonOps_DDRM.subtractEquals(residual, outputs);
        return new Observation(keys, outputs, residual);
    }

    /** @throws BadInput for a family that norms what attention adds, where W_O's output is no part of the residual stream */
    @Override
    public DMatrixRMaj residualAfter(int layer, Role role) {
        if (model.normsAttentionOutput()) {
            throw new BadInput(
                    "residual target",
                    model.config().modelType(),
                    "a family that adds W_O's output to the residual stream as it is",
                    "a norm between them",
                    "take a method whose target is the guide's output, such as --method creme-paper");
        }
        return columns(reading(layer, role, View.FROZEN).get(Site.Kind.RESIDUAL_POST));
    }

    @Override
    public void edited(int layer, LowRank change) {
        Orientation orientation = model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN;
        TensorDelta delta = change.toTensorDelta(tensor(layer), orientation);
        editedWeights.put(tensor(layer), TensorDelta.apply(model.weight(tensor(layer)), List.of(delta)));
        LanguageModel view = model.with(editedWeights);
        views.add(view);
        runs.get(View.LIVE).values().forEach(run -> run.use(view));
    }

    private Map<Site.Kind, float[][]> reading(int layer, Role role, View view) {
        Map<Integer, Map<Site.Kind, float[][]>> known =
                readings.get(view).computeIfAbsent(role, r -> new LinkedHashMap<>());
        if (!known.containsKey(layer)) {
            SteppedRun run = runs.get(view).computeIfAbsent(role, r -> start(r, view));
            // blocks that are passed on the way can be asked for later, when the run has left them behind
            for (int passed : layers) {
                if (passed < layer && !known.containsKey(passed) && view == View.FROZEN) {
                    known.put(passed, run.read(passed, READ));
                }
            }
            known.put(layer, run.read(layer, READ));
        }
        return known.get(layer);
    }

    private SteppedRun start(Role role, View view) {
        SteppedRun run = model.step(prefix, prompts.getOrDefault(role, List.of()));
        if (view == View.LIVE && !views.isEmpty()) {
            run.use(views.get(views.size() - 1));
        }
        return run;
    }

    /** Rows [n][columns] as the columns of a matrix [columns, n]. */
    private static DMatrixRMaj columns(float[][] rows) {
        DMatrixRMaj matrix = new DMatrixRMaj(rows.length == 0 ? 0 : rows[0].length, rows.length);
        for (int j = 0; j < rows.length; j++) {
            for (int i = 0; i < rows[j].length; i++) {
                matrix.set(i, j, rows[j][i]);
            }
        }
        return matrix;
    }

    @Override
    public void close() {
        runs.values().forEach(byRole -> byRole.values().forEach(SteppedRun::close));
        views.forEach(LanguageModel::close);
    }
}
