package modelpatch.architecture;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A block's MLP. */
public sealed interface Mlp {

    /** Its linear layers in the order of the formula. */
    List<Linear> linears();

    /** W_down, [d_model, d_mlp], the matrix that writes to the residual stream; empty where there is not one but many. */
    Optional<Linear> output();

    /** Deals with every kind there is: whoever reads an MLP says here what each means to them. */
    <R> R fold(Function<Plain, R> plain, Function<Gated, R> gated, Function<FusedGate, R> fusedGate);

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
        public <R> R fold(Function<Plain, R> plain, Function<Gated, R> gated, Function<FusedGate, R> fusedGate) {
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
        public <R> R fold(Function<Plain, R> plain, Function<Gated, R> gated, Function<FusedGate, R> fusedGate) {
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
        public <R> R fold(Function<Plain, R> plain, Function<Gated, R> gated, Function<FusedGate, R> fusedGate) {
            return fusedGate.apply(this);
        }
    }
}
