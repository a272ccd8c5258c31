package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.family.Part;

/** Holds the tensors of a checkpoint against those that its layout needs. */
final class StoredTensors {
    private static final int NAMED = 6;

    private StoredTensors() {}

    /** @throws BadInput where one is missing, is not understood, or has another shape */
    static void require(DecoderLayout layout, Checkpoint checkpoint) {
        Set<String> expected = layout.tensors().keySet();
        Set<String> missing = new TreeSet<>(expected);
        missing.removeAll(checkpoint.tensors().keySet());
        Set<String> unknown = new TreeSet<>(checkpoint.tensors().keySet());
        unknown.removeAll(expected);
        layout.buffers().forEach(unknown::remove);
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new BadInput(
                    "tensors do not fit the architecture " + layout.config().modelType(),
                    checkpoint.name(),
                    expected.size() + " tensors by name",
                    (missing.isEmpty() ? "" : "missing: " + some(missing) + " ")
                            + (unknown.isEmpty() ? "" : "not understood: " + some(unknown)),
                    "a part that is not understood would make every number wrong");
        }
        layout.tensors().forEach((name, shape) -> {
            List<Long> found = checkpoint.tensor(name).shape();
            if (!found.equals(shape)) {
                throw new BadInput(
                        "wrong shape",
                        name + " in " + checkpoint.name(),
                        shape.toString(),
                        found.toString(),
                        "config.json and the weights do not belong together");
            }
        });
    }

    /**
     * A configuration that denies biases which are stored contradicts its weights: the reference implementation would drop them unseen.
     *
     * @throws BadInput naming the key and a bias
     */
    static void requireNoDeniedBias(Settings settings, String prefix, int layers, Set<String> names) {
        settings.family().biasKeys().forEach((key, parts) -> {
            JsonNode said = settings.config().path(key);
            boolean denies = said.isMissingNode()
                    ? settings.family().deniedByDefault().contains(key)
                    : said.isBoolean() && !said.asBoolean();
            if (!denies) {
                return;
            }
            for (Part part : parts) {
                for (int layer = 0; settings.family().has(part) && layer < layers; layer++) {
                    String bias = prefix + settings.family().name(part, layer) + ".bias";
                    if (names.contains(bias)) {
                        throw new BadInput(
                                "biases that the configuration denies",
                                settings.where(),
                                "none, as " + key + (said.isMissingNode() ? " left out" : " = false") + " says",
                                bias,
                                "correct " + key + " in config.json if the model was trained with them");
                    }
                }
            }
        });
    }

    private static String some(Set<String> names) {
        List<String> first = names.stream().limit(NAMED).toList();
        return String.join(", ", first) + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
    }
}
