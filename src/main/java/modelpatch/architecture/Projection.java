package modelpatch.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** How a block makes queries, keys and values. */
public sealed interface Projection {

    /** Its linear layers. */
    List<Linear> linears();

    /** Deals with every kind there is: whoever reads a projection says here what each means to them. */
    <R> R fold(
            Function<Separate, R> separate,
            Function<Concatenated, R> concatenated,
            Function<PerHead, R> perHead,
            Function<Latent, R> latent);

    /** Its tensors with their shapes. */
    default Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        linears().forEach(linear -> tensors.putAll(linear.tensors()));
        return tensors;
    }

    /** Three linear layers. */
    record Separate(Linear query, Linear key, Linear value) implements Projection {
        @Override
        public List<Linear> linears() {
            return List.of(query, key, value);
        }

        @Override
        public <R> R fold(
                Function<Separate, R> separate,
                Function<Concatenated, R> concatenated,
                Function<PerHead, R> perHead,
                Function<Latent, R> latent) {
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
                Function<Separate, R> separate,
                Function<Concatenated, R> concatenated,
                Function<PerHead, R> perHead,
                Function<Latent, R> latent) {
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
                Function<Separate, R> separate,
                Function<Concatenated, R> concatenated,
                Function<PerHead, R> perHead,
                Function<Latent, R> latent) {
            return perHead.apply(this);
        }
    }

    /**
     * By way of narrow latents (multi-head latent attention; DeepSeek-AI 2024): q = W_Q norm(W_QA x), or W_Q x; [c; r] = W_KVA x, and of each
     * head [k; v] = W_KV norm(c). Its key is k with r behind it, which all heads share. The last dimensions of queries and keys turn, those of r.
     *
     * @param queryDown W_QA; empty where queries are made at once
     * @param query W_Q, [n_heads * d_key, ...]
     * @param keyValueDown W_KVA, [latent + turning, d_model]
     * @param keyValue W_KV, [n_heads * (d_key - turning + d_head), latent]
     * @param turning width of r
     */
    record Latent(
            Optional<Bottleneck> queryDown,
            Linear query,
            Linear keyValueDown,
            Norm keyValueNorm,
            Linear keyValue,
            int turning)
            implements Projection {

        /** norm(W x) */
        public record Bottleneck(Linear linear, Norm norm) {}

        @Override
        public List<Linear> linears() {
            return Stream.concat(queryDown.stream().map(Bottleneck::linear), Stream.of(query, keyValueDown, keyValue))
                    .toList();
        }

        @Override
        public Map<String, List<Long>> tensors() {
            Map<String, List<Long>> tensors = new LinkedHashMap<>(Projection.super.tensors());
            queryDown.ifPresent(down -> tensors.putAll(down.norm().tensors()));
            tensors.putAll(keyValueNorm.tensors());
            return tensors;
        }

        @Override
        public <R> R fold(
                Function<Separate, R> separate,
                Function<Concatenated, R> concatenated,
                Function<PerHead, R> perHead,
                Function<Latent, R> latent) {
            return latent.apply(this);
        }
    }
}
