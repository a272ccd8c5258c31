package modelpatch.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;

/** Which tensors a decoder's checkpoint must hold, by name and shape. */
public final class ExpectedTensors {
    private ExpectedTensors() {}

    public static String prefixIn(Checkpoint checkpoint, Family family) {
        return family.prefixes().stream()
                .filter(prefix -> checkpoint.contains(prefix + family.embedding()))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no embedding",
                        checkpoint.name(),
                        "a tensor named "
                                + String.join(
                                        " or ",
                                        family.prefixes().stream()
                                                .map(p -> p + family.embedding())
                                                .toList()),
                        "none among " + checkpoint.tensors().size() + " tensors",
                        "model_type in config.json may name another family"));
    }

    /** The tensors of a model that has no checkpoint yet: as below, without biases in linear layers. */
    public static Map<String, long[]> shapes(ModelConfig config) {
        Family family = Family.of(config.modelType(), "config");
        return shapes(config, family, family.prefixes().get(0), null);
    }

    /** Every tensor that the architecture needs, with its shape. Biases are expected exactly where the checkpoint has them. */
    public static Map<String, long[]> shapes(ModelConfig config, Family family, String prefix, Checkpoint checkpoint) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Shapes add = new Shapes(shapes, family, checkpoint);
        int d = config.dModel();
        int q = config.nHeads() * config.dHead();
        int kv = config.nKeyValueHeads() * config.dHead();
        shapes.put(prefix + family.embedding(), new long[] {config.dVocab(), d});
        if (family.positions() != null) {
            shapes.put(prefix + family.positions(), new long[] {config.nCtx() + family.positionOffset(), d});
        }
        for (int layer = 0; layer < config.nLayers(); layer++) {
            String at = prefix;
            add.norm(at, family.attentionNorm(), layer, d);
            add.linear(at, family.query(), layer, q, d);
            add.linear(at, family.key(), layer, kv, d);
            add.linear(at, family.value(), layer, kv, d);
            add.linear(at, family.queryKeyValue(), layer, q + 2 * kv, d);
            boolean perHead = "head".equals(family.normed());
            add.norm(at, family.queryNorm(), layer, perHead ? config.dHead() : q);
            add.norm(at, family.keyNorm(), layer, perHead ? config.dHead() : kv);
            add.linear(at, family.output(), layer, d, q);
            add.norm(at, family.attentionOutNorm(), layer, d);
            add.norm(at, family.mlpNorm(), layer, d);
            int mlp = config.dMlp();
            add.linear(at, family.mlpGate(), layer, mlp, d);
            add.linear(at, family.mlpIn(), layer, mlp, d);
            add.linear(at, family.mlpGateIn(), layer, 2L * mlp, d);
            add.linear(at, family.mlpOut(), layer, d, mlp);
            add.norm(at, family.mlpOutNorm(), layer, d);
        }
        add.norm(prefix, family.finalNorm(), 0, d);
        if (!config.tied()) {
            add.linear("", family.unembedding(), 0, config.dVocab(), d);
        }
        return shapes;
    }

    /** Writes names and shapes of layers into a map. */
    private record Shapes(Map<String, long[]> shapes, Family family, Checkpoint checkpoint) {
        void norm(String prefix, String name, int layer, long size) {
            if (name != null) {
                String full = prefix + name.formatted(layer);
                shapes.put(full + ".weight", new long[] {size});
                if (family.norm().equals("layer")) {
                    shapes.put(full + ".bias", new long[] {size});
                }
            }
        }

        void linear(String prefix, String name, int layer, long out, long in) {
            if (name != null) {
                String full = prefix + name.formatted(layer);
                boolean transposed = family.transposedWeights() && !prefix.isEmpty();
                shapes.put(full + ".weight", transposed ? new long[] {in, out} : new long[] {out, in});
                if (checkpoint != null && checkpoint.contains(full + ".bias")) {
                    shapes.put(full + ".bias", new long[] {out});
                }
            }
        }
    }

    public static void requireSameTensors(
            Checkpoint checkpoint, Family family, String prefix, ModelConfig config, Set<String> expected) {
        Set<String> missing = new TreeSet<>(expected);
        missing.removeAll(checkpoint.tensors().keySet());
        Set<String> unknown = new TreeSet<>(checkpoint.tensors().keySet());
        unknown.removeAll(expected);
        if (family.buffers() != null) {
            for (int layer = 0; layer < config.nLayers(); layer++) {
                for (String buffer : family.buffers()) {
                    unknown.remove(prefix + buffer.formatted(layer));
                }
            }
        }
        if (config.tied()) {
            unknown.remove(family.unembedding() + ".weight"); // a stored copy of the embedding
        }
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new BadInput(
                    "tensors do not fit the architecture " + config.modelType(),
                    checkpoint.name(),
                    expected.size() + " tensors by name",
                    (missing.isEmpty() ? "" : "missing: " + some(missing) + " ")
                            + (unknown.isEmpty() ? "" : "not understood: " + some(unknown)),
                    "a part that is not understood would make every number wrong");
        }
    }

    private static String some(Set<String> names) {
        List<String> first = names.stream().limit(6).toList();
        return String.join(", ", first) + (names.size() > 6 ? " and " + (names.size() - 6) + " more" : "");
    }
}
