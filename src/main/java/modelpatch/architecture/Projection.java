package modelpatch.architecture;

import java.util.List;
import java.util.function.Function;

/** How a block makes queries, keys and values. */
public sealed interface Projection {

    /** Its linear layers. */
    List<Linear> linears();

    /** Deals with every kind there is: whoever reads a projection says here what each means to them. */
    <R> R fold(Function<Separate, R> separate, Function<Concatenated, R> concatenated, Function<PerHead, R> perHead);

    /** Three linear layers. */
    record Separate(Linear query, Linear key, Linear value) implements Projection {
        @Override
        public List<Linear> linears() {
            return List.of(query, key, value);
        }

        @Override
        public <R> R fold(
                Function<Separate, R> separate, Function<Concatenated, R> concatenated, Function<PerHead, R> perHead) {
            return separate.apply(this);
        }
    }

    /** One linear layer that gives all q, then all k, then all v. */
    record Concatenated(Linear queryKeyValue) implements Projection {
        @Override
        public List<Linear> linears() {
            return List.of(queryKeyValue);
        }

        @Override
        public <R> R fold(
                Function<Separate, R> separate, Function<Concatenated, R> concatenated, Function<PerHead, R> perHead) {
            return concatenated.apply(this);
        }
    }

    /** One linear layer that gives, for one key-value head after the other, its queries, its key and its value. */
    record PerHead(Linear queryKeyValue) implements Projection {
        @Override
        public List<Linear> linears() {
            return List.of(queryKeyValue);
        }

        @Override
        public <R> R fold(
                Function<Separate, R> separate, Function<Concatenated, R> concatenated, Function<PerHead, R> perHead) {
            return perHead.apply(this);
        }
    }
}
