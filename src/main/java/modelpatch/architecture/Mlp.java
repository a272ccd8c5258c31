package modelpatch.architecture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A block's MLP. */
public sealed interface Mlp {

    /** Its linear layers in the order of the formula. */
    List<Linear> linears();

    /** W_down, [d_model, d_mlp], the matrix that writes to the residual stream; empty where there is not one but many. */
    Optional<Linear> output();

    /** Deals with every kind there is: whoever reads an MLP says here what each means to them. */
    <R> R fold(
            Function<Plain, R> plain,
            Function<Gated, R> gated,
            Function<FusedGate, R> fusedGate,
            Function<ClampedGate, R> clampedGate,
            Function<Experts, R> experts);

    /** Its tensors with their shapes, in the order of the formula. */
    default Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        linears().forEach(linear -> tensors.putAll(linear.tensors()));
        return tensors;
    }

    /** W_down act(W_in x). */
    record Plain(Linear in, Activation activation, Linear out) implements Mlp {
        @Override
        public List<Linear> linears() {
            return List.of(in, out);
        }

        @Override
        public Optional<Linear> output() {
            return Optional.of(out);
        }

        @Override
        public <R> R fold(
                Function<Plain, R> plain,
                Function<Gated, R> gated,
                Function<FusedGate, R> fusedGate,
                Function<ClampedGate, R> clampedGate,
                Function<Experts, R> experts) {
            return plain.apply(this);
        }
    }

    /** W_down (act(W_gate x) * W_in x) (Shazeer 2020). */
    record Gated(Linear gate, Linear in, Activation activation, Linear out) implements Mlp {
        @Override
        public List<Linear> linears() {
            return List.of(gate, in, out);
        }

        @Override
        public Optional<Linear> output() {
            return Optional.of(out);
        }

        @Override
        public <R> R fold(
                Function<Plain, R> plain,
                Function<Gated, R> gated,
                Function<FusedGate, R> fusedGate,
                Function<ClampedGate, R> clampedGate,
                Function<Experts, R> experts) {
            return gated.apply(this);
        }
    }

    /** The same with W_gate and W_in in one layer, the gate first. */
    record FusedGate(Linear gateAndIn, Activation activation, Linear out) implements Mlp {
        @Override
        public List<Linear> linears() {
            return List.of(gateAndIn, out);
        }

        @Override
        public Optional<Linear> output() {
            return Optional.of(out);
        }

        @Override
        public <R> R fold(
                Function<Plain, R> plain,
                Function<Gated, R> gated,
                Function<FusedGate, R> fusedGate,
                Function<ClampedGate, R> clampedGate,
                Function<Experts, R> experts) {
            return fusedGate.apply(this);
        }
    }

    /**
     * W_down ((u + 1) * g sigmoid(sharpness g)), where g = W_gate x is at most {@code limit} and u = W_in x lies within it on both sides
     * (gpt-oss).
     *
     * @param gateAndIn W_gate and W_in in one layer, row by row in turn
     */
    record ClampedGate(Linear gateAndIn, double sharpness, double limit, Linear out) implements Mlp {
        @Override
        public List<Linear> linears() {
            return List.of(gateAndIn, out);
        }

        @Override
        public Optional<Linear> output() {
            return Optional.of(out);
        }

        @Override
        public <R> R fold(
                Function<Plain, R> plain,
                Function<Gated, R> gated,
                Function<FusedGate, R> fusedGate,
                Function<ClampedGate, R> clampedGate,
                Function<Experts, R> experts) {
            return clampedGate.apply(this);
        }
    }

    /**
     * The weighted sum of the experts that a router chooses, and one that sees every row (Shazeer et al. 2017).
     *
     * @param experts MLPs of one kind, none of them experts again
     */
    record Experts(Router router, List<Mlp> experts, Optional<Shared> shared) implements Mlp {

        public Experts {
            experts = List.copyOf(experts);
        }

        /** sigmoid(gate x) mlp(x); without a gate, mlp(x). */
        public record Shared(Mlp mlp, Optional<Linear> gate) {}

        @Override
        public List<Linear> linears() {
            List<Linear> linears = new ArrayList<>(List.of(router.linear()));
            experts.forEach(expert -> linears.addAll(expert.linears()));
            shared.ifPresent(one -> {
                linears.addAll(one.mlp().linears());
                one.gate().ifPresent(linears::add);
            });
            return linears;
        }

        @Override
        public Map<String, List<Long>> tensors() {
            Map<String, List<Long>> tensors = new LinkedHashMap<>();
            router.correction().ifPresent(name -> tensors.put(name, List.of((long) experts.size())));
            tensors.putAll(Mlp.super.tensors());
            return tensors;
        }

        @Override
        public Optional<Linear> output() {
            return Optional.empty();
        }

        @Override
        public <R> R fold(
                Function<Plain, R> plain,
                Function<Gated, R> gated,
                Function<FusedGate, R> fusedGate,
                Function<ClampedGate, R> clampedGate,
                Function<Experts, R> experts) {
            return experts.apply(this);
        }
    }
}
