package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Attribution patching (Nanda 2023; Kramar et al. 2024): what a token's logit would gain if one head's z became another run's, to first order,
 * for all heads by one backward pass. The slope is that of the run which is patched into: effect of head h = sum over d_head of (z_donor - z) *
 * d logit / d z. A head's z is not behind the softmax of its own attention, so the correction of Kramar et al. for queries and keys has nothing
 * to correct here; what is bent behind it (norms, later attention, MLPs) makes the difference from the exact effect.
 */
public final class HeadAttribution {
    private final LanguageModel model;
    private final RecordedRun run;
    private final int position;
    private final float[][] slopes;

    /**
     * Runs the positions from one on again, and back.
     *
     * @param run the run that is patched into; stays the caller's, as its model does
     * @param position where a head's z would be replaced
     * @param token whose logit after the last token is read
     */
    public HeadAttribution(LanguageModel model, RecordedRun run, int position, int token) {
        model.requireIds(new int[] {token});
        this.model = model;
        this.run = run;
        this.position = position;
        this.slopes = slopes(token);
    }

    /**
     * One head's effect, to first order.
     *
     * @param z the head's z in another run, [d_head]
     */
    public double effect(HeadAddress head, float[] z) {
        float[] own = run.z(head, position);
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            sum += ((double) z[i] - own[i]) * slopes[head.layer()][head.head() * z.length + i];
        }
        return sum;
    }

    /** By layer, d logit / d z at the position, [n_heads * d_head]. */
    private float[][] slopes(int token) {
        int layers = model.config().nLayers();
        int block = run.length() - position;
        float[] here = new float[block];
        here[0] = 1;
        try (Engine.Scope scope = Engine.recordingScope()) {
            Tensor place = Engine.floats(here, block, 1);
            List<Tensor> added = new ArrayList<>();
            Hooks hooks = (kind, layer, rows) -> {
                if (kind != Site.Kind.Z) {
                    return rows;
                }
                Tensor nothing = scope.adopt(Engine.floats(new float[(int) rows.size(1)], 1, rows.size(1)));
                nothing.requireGradient();
                added.add(nothing);
                return rows.plus(Engine.run("matmul", place, nothing));
            };
            List<Group> groups = List.of(Group.of(run.behind(position, 0), 1, block));
            Tensor x = model.decoder().blocks(run.before(0, position), groups, 0, layers, hooks);
            Tensor last = model.decoder().finalNorm(x.rows(block - 1));
            Tensor logit = model.decoder().project(last, new int[] {token});
            Tensor[] found = Engine.runAll("gradients", logit.reshape(1), added.toArray(Tensor[]::new));
            float[][] slopes = new float[layers][];
            for (int layer = 0; layer < layers; layer++) {
                slopes[layer] = found[layer].toFloats();
            }
            return slopes;
        }
    }
}
