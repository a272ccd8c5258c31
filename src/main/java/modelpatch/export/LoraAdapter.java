package modelpatch.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.document.Json;
import modelpatch.model.Adapter;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/**
 * Patches as a LoRA adapter (Hu et al. 2021) in the files of Hugging Face PEFT: W x becomes W x + (alpha / r) B A x, with A [r, d_in] and
 * B [d_out, r] per linear layer.
 *
 * <p>Every layer has the same r, the largest that is needed, and alpha = r: the factors of layers that need less are filled up with zeros. So the
 * scale is 1 for every reader, also for those that know one alpha for the whole adapter and take r from the tensors.
 */
public final class LoraAdapter {

    static final String WEIGHTS = "adapter_model.safetensors";

    /** What PEFT puts before the names of the model's modules. */
    static final String PREFIX = "base_model.model.";

    private final Checkpoint base;
    private final DecoderLayout layout;
    private final PatchStack stack;

    private LoraAdapter(Checkpoint base, PatchStack stack) {
        this.base = base;
        this.layout = DecoderLayout.of(base);
        this.stack = stack;
    }

    /**
     * Writes a stack of patches as one adapter.
     *
     * @param base what the patches were made for; only read
     * @param target a directory that does not exist yet or is empty
     * @return the rank of the adapter
     * @throws BadInput when the target is taken, a patch does not fit, there is none, or it changes something else than a linear layer
     */
    public static int write(Checkpoint base, PatchStack stack, Path target) {
        stack.requireFits(base);
        return new LoraAdapter(base, stack).write(target);
    }

    /** Changes of linear layers as one adapter with alpha = r, the largest rank among them. */
    public static Adapter adapter(List<TensorDelta> deltas, DecoderLayout layout) {
        int rank = deltas.stream().mapToInt(TensorDelta::rank).max().orElse(1);
        Map<String, Adapter.Factors> factors = new TreeMap<>();
        for (TensorDelta delta : deltas) {
            boolean transposed = LowRankFactors.linear(layout, delta.tensor()).transposed();
            LowRankFactors one = LowRankFactors.of(List.of(delta), transposed, rank);
            factors.put(delta.tensor(), new Adapter.Factors(one.dOut(), one.dIn(), one.a(), one.b()));
        }
        return new Adapter(rank, rank, factors);
    }

    /** A trained adapter as changes of the stored tensors; layers that it leaves as they are are left out. */
    public static List<TensorDelta> deltas(Adapter adapter, DecoderLayout layout) {
        List<TensorDelta> deltas = new ArrayList<>();
        adapter.factors().forEach((tensor, factors) -> {
            float[] scaled = factors.b().clone();
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = (float) (scaled[i] * adapter.scale());
            }
            TensorDelta delta = new LowRankFactors(factors.dOut(), factors.dIn(), adapter.rank(), factors.a(), scaled)
                    .delta(tensor, LowRankFactors.linear(layout, tensor).transposed());
            if (delta != null) {
                deltas.add(delta);
            }
        });
        return deltas;
    }

    private int write(Path target) {
        Set<String> edited = stack.tensors();
        if (edited.isEmpty()) {
            throw new BadInput("nothing to write", "--patch", "one or more patch files", "none", "give --patch FILE");
        }
        int rank = edited.stream()
                .mapToInt(tensor -> stack.deltas(tensor).stream()
                        .mapToInt(TensorDelta::rank)
                        .sum())
                .max()
                .orElseThrow();
        List<OutgoingTensor> tensors = new ArrayList<>();
        List<String> modules = new ArrayList<>();
        for (String tensor : edited) {
            Linear linear = LowRankFactors.linear(layout, tensor);
            String module = layout.module(linear);
            modules.add(module);
            LowRankFactors factors = LowRankFactors.of(stack.deltas(tensor), linear.transposed(), rank);
            tensors.add(OutgoingTensor.float32(
                    PREFIX + module + ".lora_A.weight", List.of((long) rank, (long) factors.dIn()), factors.a()));
            tensors.add(OutgoingTensor.float32(
                    PREFIX + module + ".lora_B.weight", List.of((long) factors.dOut(), (long) rank), factors.b()));
        }
        return AtomicDirectory.write(
                target,
                directory -> {
                    SafetensorsWriter.write(directory.resolve(WEIGHTS), Map.of("format", "pt"), tensors);
                    Companions.write(
                            directory.resolve(LoraConfig.FILE),
                            config(rank, modules).toPrettyString());
                    new PatchRecord(base, stack).write(directory, edited);
                    return rank;
                },
                written -> true);
    }

    private ObjectNode config(int rank, List<String> modules) {
        ObjectNode config = Json.object()
                .put("peft_type", "LORA")
                .put("task_type", "CAUSAL_LM")
                .put("base_model_name_or_path", base.name())
                .put("r", rank)
                .put("lora_alpha", rank)
                .put("lora_dropout", 0.0)
                .put("bias", "none")
                .put(
                        "fan_in_fan_out",
                        layout.blocks().get(0).attention().output().transposed())
                .put("inference_mode", true)
                .put("use_rslora", false)
                .put("use_dora", false);
        modules.forEach(config.putArray("target_modules")::add);
        config.putNull("modules_to_save");
        return config;
    }
}
