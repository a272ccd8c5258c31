package modelpatch.export;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.Checkpoint;

/**
 * What an adapter's file holds beside factors of linear layers. PEFT writes whole weights of the base along where embeddings are touched; those
 * that are the base's own change nothing. Everything else is refused by what it is.
 *
 * @param directory the adapter's
 * @param adapter only read
 */
record AdapterRest(Path directory, Checkpoint base, DecoderLayout layout, Checkpoint adapter) {
    /** Numbers that are compared at a time. */
    private static final int PART = 1 << 18;

    /** What ends or marks a name, and what such a tensor is. */
    private static final List<Map.Entry<String, String>> KINDS = List.of(
            Map.entry(".lora_embedding_", "factors of the token embedding"),
            Map.entry(".lora_magnitude_vector", "learned lengths of rows (DoRA)"),
            Map.entry(".lora_diag", "singular values between the factors (KaSA)"),
            Map.entry(".lora_E", "singular values between the factors (AdaLoRA)"),
            Map.entry(".token_adapter", "rows of the embedding, trained by themselves"),
            Map.entry(".lora_A.bias", "biases of factors"),
            Map.entry(".lora_B.bias", "biases of factors"));

    /** What samplers and projections of training leave behind; running the model does not ask for it. */
    private static final List<String> OF_TRAINING = List.of(".lora_velora_", ".lora_monteclora_");

    /** What PEFT puts between a module it has wrapped and that module's own tensors. */
    private static final List<String> WRAPPERS =
            List.of(".base_layer", ".modules_to_save.default", ".modules_to_save", ".original_module");

    /** @throws BadInput unless the tensors change nothing */
    void requireHarmless(Collection<String> tensors) {
        // factors tell most: of their module there may be a whole weight too
        tensors.stream()
                .sorted(Comparator.comparing(tensor -> !tensor.contains(".lora_")))
                .forEach(this::requireHarmless);
    }

    private void requireHarmless(String tensor) {
        if (OF_TRAINING.stream().anyMatch(tensor::contains)) {
            return;
        }
        for (Map.Entry<String, String> kind : KINDS) {
            if (tensor.contains(kind.getKey())) {
                throw more(tensor, kind.getValue());
            }
        }
        if (tensor.contains(".lora_A") || tensor.contains(".lora_B")) {
            throw factorOfNoLayer(tensor);
        }
        requireBaseOwn(tensor);
    }

    private BadInput factorOfNoLayer(String tensor) {
        String module = module(tensor);
        boolean outermost = module.indexOf('.') < 0; // as lm_head lies beside the model
        if (outermost && layout.unembedding().tied()) {
            return new BadInput(
                    "adapter changes a tied unembedding",
                    directory.toString(),
                    "factors of layers with weights of their own; in " + base.name()
                            + " the unembedding is the embedding",
                    tensor,
                    "a change of it would change the embedding too: merge the adapter into its base with the tool that made it, with"
                            + " tie_word_embeddings = false, and give the merged model");
        }
        if (stored(module + ".weight").isPresent() || stored(module).isPresent()) {
            throw more(tensor, "factors of what a patch does not take for a linear layer with a weight of its own");
        }
        return new BadInput(
                "adapter does not fit the model",
                directory.toString(),
                "lora_A and lora_B of linear layers of " + base.name() + ", such as "
                        + layout.module(layout.linears().get(0)),
                tensor,
                "give the model that the adapter was trained on");
    }

    private static String module(String tensor) {
        String name = tensor.startsWith(LoraAdapter.PREFIX) ? tensor.substring(LoraAdapter.PREFIX.length()) : tensor;
        int factor = name.indexOf(".lora_");
        return factor < 0 ? name : name.substring(0, factor);
    }

    private void requireBaseOwn(String tensor) {
        String name = module(tensor);
        for (String wrapper : WRAPPERS) {
            name = name.replace(wrapper + ".", ".");
        }
        Optional<String> stored = stored(name);
        if (stored.isEmpty()) {
            throw more(tensor, "a whole weight or bias of its own");
        }
        List<Long> shape = adapter.tensor(tensor).shape();
        if (!shape.equals(base.tensor(stored.get()).shape())) {
            throw more(
                    tensor,
                    "a whole weight " + shape + ", where the base has "
                            + base.tensor(stored.get()).shape());
        }
        long others = differences(tensor, stored.get());
        if (others > 0) {
            long all = adapter.tensor(tensor).elements();
            throw more(tensor, "a whole weight, " + others + " of " + all + " numbers other than the base's");
        }
    }

    /** What the base calls a tensor of the Hugging Face module; a tied unembedding is the embedding. */
    private Optional<String> stored(String name) {
        String canonical = layout.prefix().canonical();
        if (name.startsWith(canonical)) {
            return present(layout.prefix().stored() + name.substring(canonical.length()));
        }
        boolean outermost = name.indexOf('.') == name.lastIndexOf('.'); // as lm_head.weight lies beside the model
        return present(
                outermost && layout.unembedding().tied()
                        ? layout.unembedding().linear().weight()
                        : name);
    }

    private Optional<String> present(String tensor) {
        return Optional.of(tensor).filter(base::contains);
    }

    private long differences(String tensor, String stored) {
        long elements = adapter.tensor(tensor).elements();
        FloatBuffer its = FloatBuffer.allocate((int) Math.min(PART, elements));
        FloatBuffer bases = FloatBuffer.allocate(its.capacity());
        long others = 0;
        for (long first = 0; first < elements; first += PART) {
            adapter.readFloat32(tensor, first, its.clear());
            base.readFloat32(stored, first, bases.clear());
            for (int i = 0; i < its.position(); i++) {
                others += its.get(i) != bases.get(i) ? 1 : 0;
            }
        }
        return others;
    }

    private BadInput more(String tensor, String what) {
        return new BadInput(
                "adapter is more than a LoRA",
                directory.toString(),
                "factors of linear layers, and weights that are the base's own",
                tensor + ": " + what,
                "merge it into its base with the tool that made it, and give the merged model");
    }
}
