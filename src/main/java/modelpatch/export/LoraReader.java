package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.JsonFile;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Provenance;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;

/** Reads a LoRA adapter of Hugging Face PEFT as a patch. What is more than low-rank changes of linear layers is refused by name. */
public final class LoraReader {
    private final Path directory;
    private final JsonNode config;

    private LoraReader(Path directory) {
        this.directory = directory;
        this.config = JsonFile.object(directory.resolve(LoraAdapter.CONFIG));
    }

    /**
     * The adapter in a directory as a patch that no gate has judged.
     *
     * @param base what the adapter was trained on; only read
     * @throws BadInput when it is no LoRA, changes what is no linear layer of the base, or has other shapes
     */
    public static WeightPatch read(Path directory, Checkpoint base, String author, String reason, Instant time) {
        LoraReader reader = new LoraReader(directory);
        reader.requirePlain();
        Provenance provenance = new Provenance(
                "lora",
                reader.config,
                0,
                List.of(),
                JsonNodeFactory.instance.objectNode(),
                GateVerdict.NOT_JUDGED,
                author,
                reason,
                time);
        return WeightPatch.of(base, PatchStack.empty(), reader.deltas(base), provenance);
    }

    private void requirePlain() {
        require("peft_type", config.path("peft_type").asText("LORA").equals("LORA"), "LORA");
        require("bias", config.path("bias").asText("none").equals("none"), "none");
        require("use_dora", !config.path("use_dora").asBoolean(false), "false");
        require("modules_to_save", config.path("modules_to_save").isEmpty(), "none");
    }

    private void require(String key, boolean holds, String expected) {
        if (!holds) {
            throw new BadInput(
                    "adapter is more than a LoRA",
                    directory.resolve(LoraAdapter.CONFIG).toString(),
                    key + " = " + expected,
                    config.path(key).toString(),
                    "merge it into its base with the tool that made it");
        }
    }

    private List<TensorDelta> deltas(Checkpoint base) {
        DecoderLayout layout = DecoderLayout.of(base);
        List<TensorDelta> deltas = new ArrayList<>();
        try (Checkpoint adapter = Checkpoint.open(directory.resolve(LoraAdapter.WEIGHTS))) {
            Set<String> unread = new TreeSet<>(adapter.tensors().keySet());
            for (Linear linear : layout.linears()) {
                String module = layout.module(linear);
                Optional<String> a = name(adapter, module, "lora_A");
                Optional<String> b = name(adapter, module, "lora_B");
                if (a.isPresent() && b.isPresent()) {
                    unread.removeAll(List.of(a.get(), b.get()));
                    TensorDelta delta = factors(adapter, a.get(), b.get(), scale(module))
                            .delta(linear.weight(), linear.transposed());
                    if (delta != null) {
                        deltas.add(delta);
                    }
                }
            }
            if (!unread.isEmpty()) {
                throw new BadInput(
                        "adapter does not fit the model",
                        directory.toString(),
                        "lora_A and lora_B of linear layers of " + base.name() + ", such as "
                                + layout.module(layout.linears().get(0)),
                        unread.iterator().next() + " among " + unread.size() + " others",
                        "give the model that the adapter was trained on");
            }
        }
        return deltas;
    }

    /** PEFT names the adapter between factor and weight while it trains, and leaves the name out in files. */
    private static Optional<String> name(Checkpoint adapter, String module, String factor) {
        return List.of(".weight", ".default.weight").stream()
                .map(end -> LoraAdapter.PREFIX + module + "." + factor + end)
                .filter(adapter::contains)
                .findFirst();
    }

    private LowRankFactors factors(Checkpoint adapter, String a, String b, double scale) {
        List<Long> down = adapter.tensor(a).shape();
        List<Long> up = adapter.tensor(b).shape();
        if (down.size() != 2 || up.size() != 2 || !down.get(0).equals(up.get(1))) {
            throw new BadInput(
                    "factors do not fit together",
                    directory.resolve(LoraAdapter.WEIGHTS).toString(),
                    "[r, d_in] and [d_out, r]",
                    a + " " + down + " and " + b + " " + up,
                    "get the adapter again");
        }
        float[] scaled = read(adapter, b);
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (scaled[i] * scale);
        }
        return new LowRankFactors(
                up.get(0).intValue(), down.get(1).intValue(), down.get(0).intValue(), read(adapter, a), scaled);
    }

    private static float[] read(Checkpoint adapter, String tensor) {
        float[] values = new float[Math.toIntExact(adapter.tensor(tensor).elements())];
        adapter.readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    /** alpha / r, or alpha / sqrt(r) for rank-stabilised adapters (Kalajdzievski 2023). */
    private double scale(String module) {
        double rank = pattern("rank_pattern", module).orElse(config.path("r").asDouble(8));
        double alpha = pattern("alpha_pattern", module)
                .orElse(config.path("lora_alpha").asDouble(8));
        return alpha / (config.path("use_rslora").asBoolean(false) ? Math.sqrt(rank) : rank);
    }

    /** PEFT's patterns are regular expressions on the end of a module's name. */
    private Optional<Double> pattern(String key, String module) {
        for (Map.Entry<String, JsonNode> entry : config.path(key).properties()) {
            if (Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", module)) {
                return Optional.of(entry.getValue().asDouble());
            }
        }
        return Optional.empty();
    }
}
