package modelpatch.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.LoraConfig.Change;
import modelpatch.patch.GateVerdict;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Provenance;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;

/** Reads a LoRA adapter of Hugging Face PEFT as a patch. What is more than low-rank changes of linear layers is refused by name. */
public final class LoraReader {
    private final Path directory;
    private final LoraConfig config;
    private final Checkpoint base;
    private final DecoderLayout layout;
    private final Checkpoint adapter;

    private LoraReader(Path directory, LoraConfig config, Checkpoint base, Checkpoint adapter) {
        this.directory = directory;
        this.config = config;
        this.base = base;
        this.layout = DecoderLayout.of(base);
        this.adapter = adapter;
    }

    /**
     * The adapter in a directory as a patch that no gate has judged.
     *
     * @param base what the adapter was trained on; only read
     * @throws BadInput when it is no LoRA, changes what is no linear layer of the base, or has other shapes
     */
    public static WeightPatch read(Path directory, Checkpoint base, String author, String reason, Instant time) {
        LoraConfig config = LoraConfig.read(directory);
        Provenance provenance = new Provenance(
                "lora",
                config.json(),
                0,
                List.of(),
                JsonNodeFactory.instance.objectNode(),
                GateVerdict.NOT_JUDGED,
                author,
                reason,
                time);
        try (Checkpoint adapter = Checkpoint.open(weights(directory))) {
            List<TensorDelta> deltas = new LoraReader(directory, config, base, adapter).deltas();
            return WeightPatch.of(base, PatchStack.empty(), deltas, provenance);
        }
    }

    private static Path weights(Path directory) {
        Path file = directory.resolve(LoraAdapter.WEIGHTS);
        if (Files.exists(file)) {
            return file;
        }
        try (Stream<Path> files = Files.list(directory)) {
            throw new BadInput(
                    "no weights of an adapter",
                    directory.toString(),
                    LoraAdapter.WEIGHTS,
                    String.join(
                            ", ",
                            files.map(path -> path.getFileName().toString())
                                    .sorted()
                                    .toList()),
                    "save the adapter in safetensors (PEFT: save_pretrained with safe_serialization)");
        } catch (IOException e) {
            throw BadInput.reading(directory, e);
        }
    }

    private List<TensorDelta> deltas() {
        Map<String, Linear> factored = new LinkedHashMap<>();
        Set<String> unread = new TreeSet<>(adapter.tensors().keySet());
        for (Linear linear : layout.linears()) {
            for (String module : new TreeSet<>(List.of(layout.module(linear), module(linear.weight())))) {
                Optional<String> a = name(module, "lora_A");
                Optional<String> b = name(module, "lora_B");
                if (a.isPresent() && b.isPresent()) {
                    factored.put(module, linear);
                    unread.removeAll(List.of(a.get(), b.get()));
                }
            }
        }
        new AdapterRest(directory, base, layout, adapter).requireHarmless(unread);
        Map<String, Change> changes = config.changes(
                factored.keySet(), layout.module(layout.unembedding().linear()));
        List<TensorDelta> deltas = new ArrayList<>();
        factored.forEach((module, linear) -> {
            TensorDelta delta = factors(module, changes.get(module)).delta(linear.weight(), linear.transposed());
            if (delta != null) {
                deltas.add(delta);
            }
        });
        return deltas;
    }

    /** A checkpoint may name its modules otherwise than the Hugging Face class does, and an adapter of it with it. */
    private static String module(String weight) {
        return weight.substring(0, weight.length() - ".weight".length());
    }

    /** PEFT names the adapter between factor and weight while it trains, and leaves the name out in files. */
    private Optional<String> name(String module, String factor) {
        return List.of(".weight", ".default.weight").stream()
                .map(end -> LoraAdapter.PREFIX + module + "." + factor + end)
                .filter(adapter::contains)
                .findFirst();
    }

    private LowRankFactors factors(String module, Change change) {
        if (change == null) {
            throw new BadInput(
                    "adapter has factors of a module that it does not target",
                    directory.resolve(LoraConfig.FILE).toString(),
                    module + " among target_modules, in layers_to_transform, and not in exclude_modules",
                    "it is not",
                    "PEFT passes over such factors: correct the configuration, or leave the factors out");
        }
        String a = name(module, "lora_A").orElseThrow();
        String b = name(module, "lora_B").orElseThrow();
        List<Long> down = adapter.tensor(a).shape();
        List<Long> up = adapter.tensor(b).shape();
        long rank = change.rank();
        if (down.size() != 2 || up.size() != 2 || down.get(0) != rank || up.get(1) != rank) {
            throw new BadInput(
                    "factors do not have the stated rank",
                    directory.resolve(LoraAdapter.WEIGHTS).toString(),
                    "[r, d_in] and [d_out, r] with r = " + rank + ", by r and rank_pattern of " + LoraConfig.FILE,
                    a + " " + down + " and " + b + " " + up,
                    "get the adapter again");
        }
        float[] scaled = adapter.floats(b);
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (scaled[i] * change.scale());
        }
        return new LowRankFactors(
                Math.toIntExact(up.get(0)),
                Math.toIntExact(down.get(1)),
                Math.toIntExact(rank),
                adapter.floats(a),
                scaled);
    }
}
