package modelpatch.model;

import java.util.Map;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Rotary;

/**
 * The slow, obvious llama forward pass in double, one position at a time and without a cache: the oracle of the engine's numbers and, by
 * central differences, of its gradients.
 */
final class NaiveLlama {
    private final DecoderLayout layout;
    private final ModelConfig config;
    private final Map<String, double[]> weights;

    NaiveLlama(DecoderLayout layout, Map<String, double[]> weights) {
        this.layout = layout;
        this.config = layout.config();
        this.weights = weights;
    }

    /** Residual stream after block {@code layer}, or after all blocks for the last one, [position][d_model]. */
    double[][] residual(int[] ids, int layer) {
        int d = config.dModel();
        double[][] x = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            x[t] = row(weights.get("model.embed_tokens.weight"), ids[t], d);
        }
        for (int l = 0; l <= layer; l++) {
            x = block(l, x);
        }
        return x;
    }

    double[] logits(double[] residual) {
        String unembedding = layout.unembedding().tied() ? "model.embed_tokens.weight" : "lm_head.weight";
        return times(weights.get(unembedding), normed(residual, "model.norm.weight"));
    }

    private double[][] block(int layer, double[][] x) {
        String at = "model.layers." + layer + ".";
        int heads = config.nHeads();
        int dHead = config.dHead();
        int group = heads / config.nKeyValueHeads();
        double[][] q = new double[x.length][];
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] normed = normed(x[t], at + "input_layernorm.weight");
            q[t] = turned(times(weights.get(at + "self_attn.q_proj.weight"), normed), t);
            k[t] = turned(times(weights.get(at + "self_attn.k_proj.weight"), normed), t);
            v[t] = times(weights.get(at + "self_attn.v_proj.weight"), normed);
        }
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] z = new double[heads * dHead];
            for (int h = 0; h < heads; h++) {
                double[] pattern = new double[t + 1];
                double sum = 0;
                for (int s = 0; s <= t; s++) {
                    double score = 0;
                    for (int i = 0; i < dHead; i++) {
                        score += q[t][h * dHead + i] * k[s][h / group * dHead + i];
                    }
                    pattern[s] = Math.exp(score / Math.sqrt(dHead));
                    sum += pattern[s];
                }
                for (int s = 0; s <= t; s++) {
                    for (int i = 0; i < dHead; i++) {
                        z[h * dHead + i] += pattern[s] / sum * v[s][h / group * dHead + i];
                    }
                }
            }
            double[] mid = sum(x[t], times(weights.get(at + "self_attn.o_proj.weight"), z));
            double[] normed = normed(mid, at + "post_attention_layernorm.weight");
            out[t] = sum(mid, mlp(layer, normed));
        }
        return out;
    }

    private double[] mlp(int layer, double[] x) {
        if (layout.blocks().get(layer).mlp() instanceof Mlp.Experts experts) {
            return new NaiveExperts(experts, weights).apply(x);
        }
        String at = "model.layers." + layer + ".";
        double[] gate = times(weights.get(at + "mlp.gate_proj.weight"), x);
        double[] up = times(weights.get(at + "mlp.up_proj.weight"), x);
        for (int i = 0; i < gate.length; i++) {
            gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
        }
        return times(weights.get(at + "mlp.down_proj.weight"), gate);
    }

    private double[] turned(double[] heads, int position) {
        Rotary rotary = layout.blocks().get(0).attention().rotary().orElseThrow();
        int half = rotary.dimensions() / 2;
        double[] result = heads.clone();
        for (int start = 0; start < heads.length; start += config.dHead()) {
            for (int i = 0; i < half; i++) {
                double angle = position * rotary.frequencies()[i];
                double a = heads[start + i];
                double b = heads[start + half + i];
                result[start + i] = a * Math.cos(angle) - b * Math.sin(angle);
                result[start + half + i] = b * Math.cos(angle) + a * Math.sin(angle);
            }
        }
        return result;
    }

    private double[] normed(double[] x, String gain) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double scale = 1
                / Math.sqrt(
                        squares / x.length + layout.finalNorm().orElseThrow().epsilon());
        double[] result = x.clone();
        for (int i = 0; i < x.length; i++) {
            result[i] *= scale * weights.get(gain)[i];
        }
        return result;
    }

    private static double[] times(double[] matrix, double[] x) {
        double[] result = new double[matrix.length / x.length];
        for (int i = 0; i < result.length; i++) {
            for (int j = 0; j < x.length; j++) {
                result[i] += matrix[i * x.length + j] * x[j];
            }
        }
        return result;
    }

    private static double[] row(double[] matrix, int row, int columns) {
        return java.util.Arrays.copyOfRange(matrix, row * columns, (row + 1) * columns);
    }

    private static double[] sum(double[] a, double[] b) {
        double[] result = a.clone();
        for (int i = 0; i < a.length; i++) {
            result[i] += b[i];
        }
        return result;
    }
}
