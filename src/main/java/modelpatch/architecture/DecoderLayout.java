package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.family.Setting;

/**
 * A decoder as data: its sizes, its switches, and which tensor of its checkpoint plays which part of the forward pass. The engine, gradients,
 * graphs, adapters and other file formats all read it from here, so that there is one description of every family.
 *
 * @param blocks from the first to the last
 * @param finalNorm before the unembedding, where the family has one
 * @param prefix of the tensors' names
 * @param buffers names of tensors that follow from the configuration; a checkpoint may have them
 */
public record DecoderLayout(
        ModelConfig config,
        Embedding embedding,
        List<Block> blocks,
        Optional<Norm> finalNorm,
        Unembedding unembedding,
        Prefix prefix,
        List<String> buffers) {

    public DecoderLayout {
        blocks = List.copyOf(blocks);
        buffers = List.copyOf(buffers);
    }

    /**
     * How the names of tensors begin.
     *
     * @param stored in this checkpoint
     * @param canonical in the Hugging Face module of the family; checkpoints of the bare model leave it or a part of it out
     */
    public record Prefix(String stored, String canonical) {}

    /**
     * The layout of a checkpoint.
     *
     * @throws modelpatch.BadInput where the architecture is not understood, or the tensors are not exactly those that it needs
     */
    public static DecoderLayout of(Checkpoint checkpoint) {
        Settings settings = Settings.of(checkpoint.config(), checkpoint.name());
        Optional<Set<String>> stored = Optional.of(checkpoint.tensors().keySet());
        boolean tied = settings.flag(Setting.TIED).orElse(false);
        LayoutReader reader = new LayoutReader(settings, stored, tied);
        DecoderLayout layout = reader.read();
        // merged adapters leave another unembedding behind the flag; the reference implementation takes the stored one
        String own = reader.unembeddingName() + ".weight";
        if (tied
                && checkpoint.contains(own)
                && !checkpoint
                        .digest(own)
                        .equals(checkpoint.digest(layout.embedding().table()))) {
            layout = new LayoutReader(settings, stored, false).read();
        }
        StoredTensors.requireNoDeniedBias(
                settings,
                layout.prefix().stored(),
                layout.config().nLayers(),
                checkpoint.tensors().keySet());
        StoredTensors.require(layout, checkpoint);
        return layout;
    }

    /**
     * The layout of a model that has no checkpoint yet; its linear layers have no biases.
     *
     * @param config in the manner of config.json
     * @param where what to name in messages
     * @throws modelpatch.BadInput where the architecture is not understood
     */
    public static DecoderLayout of(JsonNode config, String where) {
        Settings settings = Settings.of(config, where);
        return new LayoutReader(
                        settings, Optional.empty(), settings.flag(Setting.TIED).orElse(false))
                .read();
    }

    /** Every tensor with its shape, in the order of the forward pass. */
    public Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        long d = config.dModel();
        tensors.put(embedding.table(), List.of((long) config.dVocab(), d));
        embedding.positions().ifPresent(learned -> tensors.put(learned.table(), List.of(learned.rows(), d)));
        embedding.norm().ifPresent(norm -> tensors.putAll(norm.tensors()));
        for (Block block : blocks) {
            Attention attention = block.attention();
            block.attentionNorm().ifPresent(norm -> tensors.putAll(norm.tensors()));
            tensors.putAll(attention.projection().tensors());
            attention.queryNorm().ifPresent(norm -> tensors.putAll(norm.tensors()));
            attention.keyNorm().ifPresent(norm -> tensors.putAll(norm.tensors()));
            attention.sinks().ifPresent(name -> tensors.put(name, List.of((long) config.nHeads())));
            tensors.putAll(attention.output().tensors());
            block.attentionOutNorm().ifPresent(norm -> tensors.putAll(norm.tensors()));
            block.mlpNorm().ifPresent(norm -> tensors.putAll(norm.tensors()));
            tensors.putAll(block.mlp().tensors());
            block.mlpOutNorm().ifPresent(norm -> tensors.putAll(norm.tensors()));
        }
        finalNorm.ifPresent(norm -> tensors.putAll(norm.tensors()));
        if (!unembedding.tied()) {
            tensors.putAll(unembedding.linear().tensors());
        }
        return tensors;
    }

    /** Every linear layer of the blocks with tensors of its own, and the unembedding where it has one. */
    public List<Linear> linears() {
        List<Linear> linears = new ArrayList<>();
        for (Block block : blocks) {
            linears.addAll(block.attention().projection().linears());
            linears.add(block.attention().output());
            linears.addAll(block.mlp().linears());
        }
        if (!unembedding.tied()) {
            linears.add(unembedding.linear());
        }
        linears.removeIf(linear -> linear.slice().isPresent());
        return linears;
    }

    /** Which sequences turn alike. */
    public LengthClasses lengthClasses() {
        return new LengthClasses(blocks.stream()
                .flatMap(block -> block.attention().rotary().stream())
                .flatMap(rotary -> rotary.beyond().stream())
                .map(Rotary.Beyond::length)
                .toList());
    }

    /** The Hugging Face module that a linear layer's weight belongs to, such as {@code model.layers.0.self_attn.o_proj}. */
    public String module(Linear linear) {
        String name = linear.weight().substring(0, linear.weight().length() - ".weight".length());
        boolean inside = !linear.equals(unembedding.linear());
        return inside ? prefix.canonical() + name.substring(prefix.stored().length()) : name;
    }
}
