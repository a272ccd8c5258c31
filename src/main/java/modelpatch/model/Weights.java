package modelpatch.model;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.architecture.ExpectedTensors;
import modelpatch.architecture.Family;
import modelpatch.architecture.ModelConfig;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * The weights of one decoder by their names in the checkpoint. Immutable; it owns its native memory and, where a tensor lies in a mapped
 * file, the map. A view made by {@link #with} owns its replaced tensors and borrows all others.
 */
final class Weights implements AutoCloseable {
    private final Family family;
    private final ModelConfig config;
    private final String prefix;
    private final Map<String, Tensor> named;
    private final Engine.Owner owner;
    private final List<ByteBuffer> maps;

    private Weights(
            Family family,
            ModelConfig config,
            String prefix,
            Map<String, Tensor> named,
            Engine.Owner owner,
            List<ByteBuffer> maps) {
        this.family = family;
        this.config = config;
        this.prefix = prefix;
        this.named = named;
        this.owner = owner;
        this.maps = maps;
    }

    /** Loads every tensor of the checkpoint that the architecture names, and refuses a checkpoint that has more or fewer. */
    static Weights load(Checkpoint checkpoint, ModelConfig config) {
        Family family = Family.of(config.modelType(), checkpoint.name());
        String prefix = ExpectedTensors.prefixIn(checkpoint, family);
        Map<String, long[]> expected = ExpectedTensors.shapes(config, family, prefix, checkpoint);
        ExpectedTensors.requireSameTensors(checkpoint, family, prefix, config, expected.keySet());
        Engine.Owner owner = Engine.owner();
        List<ByteBuffer> maps = new ArrayList<>();
        Map<String, Tensor> named = new LinkedHashMap<>();
        try {
            expected.forEach((name, shape) -> named.put(name, read(checkpoint, name, shape, owner, maps)));
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
        return new Weights(family, config, prefix, named, owner, maps);
    }

    /** Weights from values, for a model that is about to be trained; the names and shapes are those of {@link ExpectedTensors#shapes}. */
    static Weights of(ModelConfig config, Map<String, float[]> values) {
        Family family = Family.of(config.modelType(), "config");
        String prefix = family.prefixes().get(0);
        Engine.Owner owner = Engine.owner();
        Map<String, Tensor> named = new LinkedHashMap<>();
        ExpectedTensors.shapes(config)
                .forEach((name, shape) -> named.put(name, Engine.floats(owner, values.get(name), shape)));
        return new Weights(family, config, prefix, named, owner, List.of());
    }

    private static Tensor read(
            Checkpoint checkpoint, String name, long[] shape, Engine.Owner owner, List<ByteBuffer> maps) {
        List<Long> found = checkpoint.tensor(name).shape();
        List<Long> wanted = new ArrayList<>();
        for (long size : shape) {
            wanted.add(size);
        }
        if (!found.equals(wanted)) {
            throw new BadInput(
                    "wrong shape",
                    name + " in " + checkpoint.name(),
                    wanted.toString(),
                    found.toString(),
                    "config.json and the weights do not belong together");
        }
        ByteBuffer map = checkpoint.mappedFloat32(name).orElse(null);
        if (map != null) {
            maps.add(map);
            return Engine.mapped(owner, map, shape);
        }
        return Engine.floats(owner, target -> checkpoint.readFloat32(name, target), shape);
    }

    /** The same weights with some tensors replaced; values are row-major in the checkpoint's own orientation. */
    Weights with(Map<String, float[]> replacements) {
        Engine.Owner views = Engine.owner();
        Map<String, Tensor> changed = new LinkedHashMap<>(named);
        replacements.forEach((name, values) -> {
            long[] shape = get(name).shape();
            changed.put(name, Engine.floats(views, values, shape));
        });
        return new Weights(family, config, prefix, changed, views, List.of());
    }

    Tensor get(String name) {
        Tensor tensor = named.get(name);
        if (tensor == null) {
            throw BadInput.of(name, "the model has no tensor of this name");
        }
        return tensor;
    }

    Map<String, Tensor> named() {
        return Collections.unmodifiableMap(named);
    }

    Family family() {
        return family;
    }

    int maps() {
        return maps.size();
    }

    Tensor embedding() {
        return get(prefix + family.embedding());
    }

    Tensor positions() {
        return get(prefix + family.positions());
    }

    Norm finalNorm() {
        return norm(family.finalNorm(), 0);
    }

    Linear unembedding() {
        return config.tied() ? new Linear(embedding(), null, false) : linear("", family.unembedding(), 0);
    }

    /** The tensor name of W_O, [d_model, n_heads * d_head] (or transposed where the family stores it so). */
    String outputName(int layer) {
        return prefix + family.output().formatted(layer) + ".weight";
    }

    /** The tensor name of the MLP's second matrix, [d_model, d_mlp] (or transposed). */
    String mlpOutName(int layer) {
        return prefix + family.mlpOut().formatted(layer) + ".weight";
    }

    Block block(int layer) {
        return new Block(
                norm(family.attentionNorm(), layer),
                linear(prefix, family.query(), layer),
                linear(prefix, family.key(), layer),
                linear(prefix, family.value(), layer),
                linear(prefix, family.queryKeyValue(), layer),
                norm(family.queryNorm(), layer),
                norm(family.keyNorm(), layer),
                linear(prefix, family.output(), layer),
                norm(family.attentionOutNorm(), layer),
                norm(family.mlpNorm(), layer),
                linear(prefix, family.mlpGate(), layer),
                linear(prefix, family.mlpIn(), layer),
                linear(prefix, family.mlpGateIn(), layer),
                linear(prefix, family.mlpOut(), layer),
                norm(family.mlpOutNorm(), layer));
    }

    private Linear linear(String at, String name, int layer) {
        if (name == null) {
            return null;
        }
        String full = at + name.formatted(layer);
        return new Linear(
                get(full + ".weight"), named.get(full + ".bias"), family.transposedWeights() && !at.isEmpty());
    }

    private Norm norm(String name, int layer) {
        if (name == null) {
            return null;
        }
        String full = prefix + name.formatted(layer);
        return new Norm(family.norm(), get(full + ".weight"), named.get(full + ".bias"), config.normEpsilon());
    }

    @Override
    public void close() {
        owner.close();
    }

    /** x W^T + b; {@code bias} is null where there is none, {@code transposed} where W is stored as [d_in, d_out]. */
    record Linear(Tensor weight, Tensor bias, boolean transposed) {
        Tensor apply(Tensor x) {
            if (transposed) {
                return Engine.run("affine", x, weight, bias);
            }
            return bias == null ? Engine.run("linear", x, weight) : Engine.run("linear_bias", x, weight, bias);
        }

        /** The part that gives some of the outputs; views, which live in the innermost scope. */
        Linear outputs(int from, int count) {
            return new Linear(
                    weight.narrow(transposed ? 1 : 0, from, count),
                    bias == null ? null : bias.narrow(0, from, count),
                    transposed);
        }
    }

    /** RMSNorm (Zhang and Sennrich 2019) or LayerNorm (Ba et al. 2016) over the last dimension. */
    record Norm(String kind, Tensor weight, Tensor bias, double epsilon) {
        Tensor apply(Tensor x) {
            return switch (kind) {
                case "layer" -> Engine.run("layer_norm", x, weight, bias, epsilon);
                case "rms_plus_one" -> Engine.run("rms_norm", x, weight.plus(Engine.number(1.0)), epsilon);
                default -> Engine.run("rms_norm", x, weight, epsilon);
            };
        }
    }

    /** One block's parts; a part that the family does not have is null. */
    record Block(
            Norm attentionNorm,
            Linear query,
            Linear key,
            Linear value,
            Linear queryKeyValue,
            Norm queryNorm,
            Norm keyNorm,
            Linear output,
            Norm attentionOutNorm,
            Norm mlpNorm,
            Linear mlpGate,
            Linear mlpIn,
            Linear mlpGateIn,
            Linear mlpOut,
            Norm mlpOutNorm) {}
}
