package modelpatch.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.architecture.Norm;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * The weights of one decoder by their names in the checkpoint. Immutable; it owns its native memory, copies of what the files hold: the engine
 * reads it without asking, and memory over a file that somebody cuts would take the process with it. A view made by {@link #with} owns its
 * replaced tensors and borrows all others.
 */
final class Weights implements AutoCloseable {
    private final Map<String, Tensor> named;
    private final Engine.Owner owner;
    private final Map<String, Beside> beside;

    private Weights(Map<String, Tensor> named, Engine.Owner owner, Map<String, Beside> beside) {
        this.named = named;
        this.owner = owner;
        this.beside = beside;
    }

    /** What is added to W x of a linear layer: scale B A x, with A [r, d_in] and B [d_out, r]. */
    record Beside(Tensor a, Tensor b, double scale) {
        Tensor of(Tensor x) {
            return Engine.run("linear", Engine.run("linear", x, a).times(scale), b);
        }
    }

    /** Loads every tensor that a layout names from the checkpoint that it was read from. */
    static Weights load(Checkpoint checkpoint, DecoderLayout layout) {
        Engine.Owner owner = Engine.owner();
        Map<String, Tensor> named = new LinkedHashMap<>();
        try {
            layout.tensors()
                    .forEach((name, shape) -> named.put(
                            name,
                            Engine.floats(
                                    owner, (first, part) -> checkpoint.readFloat32(name, first, part), sizes(shape))));
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
        return new Weights(named, owner, Map.of());
    }

    /**
     * Weights from values, for a model that is about to be trained.
     *
     * @param values what writes the numbers of a tensor of this name
     */
    static Weights of(DecoderLayout layout, Function<String, Engine.Fill> values) {
        Engine.Owner owner = Engine.owner();
        Map<String, Tensor> named = new LinkedHashMap<>();
        layout.tensors()
                .forEach((name, shape) -> named.put(name, Engine.floats(owner, values.apply(name), sizes(shape))));
        return new Weights(named, owner, Map.of());
    }

    private static long[] sizes(List<Long> shape) {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** The same weights with some tensors replaced; values are row-major in the checkpoint's own orientation. */
    Weights with(Map<String, float[]> replacements) {
        Engine.Owner views = Engine.owner();
        Map<String, Tensor> changed = new LinkedHashMap<>(named);
        replacements.forEach((name, values) -> {
            long[] shape = get(name).shape();
            changed.put(name, Engine.floats(views, values, shape));
        });
        return new Weights(changed, views, beside);
    }

    /** The same weights with an adapter's factors beside them, in place of any before. */
    Weights with(Adapter adapter) {
        Engine.Owner views = Engine.owner();
        return new Weights(named, views, beside(adapter, views));
    }

    /** The same with factors that stay another's; nothing of this view need be freed. */
    Weights borrowing(Map<String, Beside> factors) {
        return new Weights(named, owner, factors);
    }

    /** An adapter's factors as tensors of an owner, by the name of the weight. */
    static Map<String, Beside> beside(Adapter adapter, Engine.Owner owner) {
        Map<String, Beside> tensors = new LinkedHashMap<>();
        adapter.factors()
                .forEach((name, one) -> tensors.put(
                        name,
                        new Beside(
                                Engine.floats(owner, one.a(), adapter.rank(), one.dIn()),
                                Engine.floats(owner, one.b(), one.dOut(), adapter.rank()),
                                adapter.scale())));
        return tensors;
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

    /** x W^T + b, and what stands beside W, [rows, d_out]. */
    Tensor apply(Linear linear, Tensor x) {
        Tensor product =
                apply(linear, part(linear, linear.weight()), linear.bias().map(bias -> part(linear, bias)), x);
        Beside more = beside.get(linear.weight());
        return more == null ? product : product.plus(more.of(x));
    }

    /** A layer's own part of a tensor. */
    private Tensor part(Linear linear, String name) {
        return linear.slice().isPresent()
                ? get(name).select(0, linear.slice().get().index())
                : get(name);
    }

    /** As {@link #apply(Linear, Tensor)}, for some of the outputs alone, [rows, count]. */
    Tensor apply(Linear linear, Tensor x, int from, int count) {
        Tensor weight = get(linear.weight()).narrow(linear.transposed() ? 1 : 0, from, count);
        return apply(linear, weight, linear.bias().map(bias -> get(bias).narrow(0, from, count)), x);
    }

    /** As {@link #apply(Linear, Tensor)}, for outputs here and there, [rows, outputs]: their rows of W are gathered, nothing else is read. */
    Tensor apply(Linear linear, Tensor x, int[] outputs) {
        Tensor all = get(linear.weight());
        Tensor weight = linear.transposed() ? Engine.run("columns", all, Engine.ids(outputs)) : all.rows(outputs);
        return apply(linear, weight, linear.bias().map(bias -> get(bias).rows(outputs)), x);
    }

    private static Tensor apply(Linear linear, Tensor weight, Optional<Tensor> bias, Tensor x) {
        return Engine.product(x, weight, bias, linear.transposed());
    }

    /** A norm over the last dimension; the formulas are {@link modelpatch.family.Switches.NormKind}'s. */
    Tensor apply(Norm norm, Tensor x) {
        double epsilon = norm.epsilon();
        return switch (norm.kind()) {
            case RMS -> Engine.run("rms_norm", x, gain(norm), epsilon);
            case RMS_PLUS_ONE -> Engine.run("rms_norm", x, onePlus(gain(norm)), epsilon);
            case LAYER ->
                Engine.run("layer_norm", x, gain(norm), get(norm.bias().orElseThrow()), epsilon);
            case LAYER_PLUS_ONE ->
                Engine.run("layer_norm", x, onePlus(gain(norm)), get(norm.bias().orElseThrow()), epsilon);
            case RMS_PLAIN -> Engine.run("rms_norm_plain", x, epsilon);
            case LAYER_PLAIN -> Engine.run("layer_norm_plain", x, epsilon);
            case LAYER_GAIN -> {
                if (norm.shape().size() > 1) {
                    yield Engine.run("layer_norm_by_head", x, gain(norm), epsilon);
                }
                yield norm.bias().isPresent()
                        ? Engine.run(
                                "layer_norm", x, gain(norm), get(norm.bias().get()), epsilon)
                        : Engine.run("layer_norm_gain", x, gain(norm), epsilon);
            }
        };
    }

    /** The gain of a norm, of its shape. */
    private Tensor gain(Norm norm) {
        return norm.weights().size() == 1
                ? get(norm.weights().get(0))
                : Engine.run(
                        "stack", (Object) norm.weights().stream().map(this::get).toArray(Tensor[]::new));
    }

    private static Tensor onePlus(Tensor weight) {
        return weight.plus(Engine.number(1.0));
    }

    /** As {@link #apply(Norm, Tensor)}; without a norm, x. */
    Tensor apply(Optional<Norm> norm, Tensor x) {
        return norm.isPresent() ? apply(norm.get(), x) : x;
    }

    @Override
    public void close() {
        owner.close();
    }
}
