package modelpatch.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.checkpoint.Checkpoint;

/**
 * A decoder as data: its architecture, and which tensor of its checkpoint plays which part of the forward pass. Whoever writes that pass down in
 * another form, as a graph or in another file format, reads it from here, so that there is one description of every family.
 *
 * @param config sizes and numbers
 * @param embedding name of the token embedding, [d_vocab, d_model]
 * @param scaledEmbedding whether embeddings are multiplied by sqrt(d_model)
 * @param positions the table of learned positions, empty where positions turn the heads ({@link ModelConfig#rotary})
 * @param blocks from the first to the last
 * @param finalNorm before the unembedding
 * @param unembedding W_U; where it is tied, its weight is the embedding
 * @param prefix of the names above
 */
public record DecoderLayout(
        ModelConfig config,
        String embedding,
        boolean scaledEmbedding,
        Optional<LearnedPositions> positions,
        List<Block> blocks,
        Norm finalNorm,
        Linear unembedding,
        Prefix prefix) {

    public DecoderLayout {
        blocks = List.copyOf(blocks);
    }

    /**
     * How the names of tensors begin.
     *
     * @param stored in this checkpoint
     * @param canonical in the Hugging Face module of the family; checkpoints of the bare model leave it or a part of it out
     */
    public record Prefix(String stored, String canonical) {}

    /** Every linear layer of the blocks, and the unembedding where it has a weight of its own. */
    public List<Linear> linears() {
        List<Linear> linears = new ArrayList<>();
        for (Block block : blocks) {
            if (block.projection() instanceof Separate separate) {
                linears.addAll(List.of(separate.query(), separate.key(), separate.value()));
            } else if (block.projection() instanceof Fused fused) {
                linears.add(fused.queryKeyValue());
            }
            linears.add(block.output());
            if (block.hidden() instanceof Gated gated) {
                linears.addAll(List.of(gated.gate(), gated.in()));
            } else if (block.hidden() instanceof FusedGate both) {
                linears.add(both.gateAndIn());
            } else if (block.hidden() instanceof Plain plain) {
                linears.add(plain.in());
            }
            linears.add(block.mlpOut());
        }
        if (!config.tied()) {
            linears.add(unembedding);
        }
        return linears;
    }

    /** The Hugging Face module that a linear layer's weight belongs to, such as {@code model.layers.0.self_attn.o_proj}. */
    public String module(Linear linear) {
        String name = linear.weight().substring(0, linear.weight().length() - ".weight".length());
        boolean inside = !linear.equals(unembedding);
        return inside ? prefix.canonical() + name.substring(prefix.stored().length()) : name;
    }

    /** A table [n_ctx + offset, d_model]; position p reads row p + offset. */
    public record LearnedPositions(String table, int offset) {}

    /**
     * A linear layer by its tensors.
     *
     * @param weight [d_out, d_in], or [d_in, d_out] where {@code transposed}
     * @param bias [d_out]
     */
    public record Linear(String weight, Optional<String> bias, boolean transposed) {}

    /** Which mean a norm divides by. */
    public enum NormKind {
        /** x / rms(x) * w (Zhang and Sennrich 2019). */
        RMS,
        /** x / rms(x) * (1 + w), as Gemma stores it. */
        RMS_PLUS_ONE,
        /** (x - mean) / deviation * w + b (Ba et al. 2016). */
        LAYER
    }

    /** A norm by its tensors; only {@link NormKind#LAYER} has a bias. */
    public record Norm(NormKind kind, String weight, Optional<String> bias, double epsilon) {}

    /** How a block makes queries, keys and values. */
    public sealed interface Projection {}

    /** Three linear layers. */
    public record Separate(Linear query, Linear key, Linear value) implements Projection {}

    /**
     * One linear layer.
     *
     * @param perHead whether q, k and v of one head lie together; otherwise all q, then all k, then all v
     */
    public record Fused(Linear queryKeyValue, boolean perHead) implements Projection {}

    /** How a block makes the MLP's hidden layer. */
    public sealed interface Hidden {}

    /** activation(W_in x). */
    public record Plain(Linear in) implements Hidden {}

    /** activation(W_gate x) * W_in x (Shazeer 2020). */
    public record Gated(Linear gate, Linear in) implements Hidden {}

    /** The same with both maps in one layer, the gate first. */
    public record FusedGate(Linear gateAndIn) implements Hidden {}

    /** What an MLP reads. */
    public enum MlpReads {
        /** The residual stream after attention. */
        MID,
        /** The residual stream before the block, through a norm of its own. */
        PRE,
        /** What attention reads, norm included (GPT-J). */
        ATTENTION_INPUT
    }

    /**
     * One block.
     *
     * @param normsHeads whether query and key norms see one head each; otherwise the whole projection
     * @param attentionOutNorm between W_O and the residual stream
     * @param mlpOutNorm between the MLP and the residual stream
     */
    public record Block(
            Optional<Norm> attentionNorm,
            Projection projection,
            Optional<Norm> queryNorm,
            Optional<Norm> keyNorm,
            boolean normsHeads,
            Linear output,
            Optional<Norm> attentionOutNorm,
            MlpReads mlpReads,
            Optional<Norm> mlpNorm,
            Hidden hidden,
            Linear mlpOut,
            Optional<Norm> mlpOutNorm) {}

    /**
     * The layout of a checkpoint.
     *
     * @throws modelpatch.BadInput where the architecture is not understood, or the tensors are not exactly those that it needs
     */
    public static DecoderLayout of(Checkpoint checkpoint) {
        ModelConfig config = ModelConfig.read(checkpoint.config(), checkpoint.name());
        Family family = Family.of(config.modelType(), checkpoint.name());
        String prefix = ExpectedTensors.prefixIn(checkpoint, family);
        ExpectedTensors.requireSameTensors(
                checkpoint,
                family,
                prefix,
                config,
                ExpectedTensors.shapes(config, family, prefix, checkpoint).keySet());
        return new Names(config, family, prefix, checkpoint::contains).layout();
    }

    /** Puts a family's names together. */
    private record Names(ModelConfig config, Family family, String prefix, Predicate<String> exists) {
        DecoderLayout layout() {
            return new DecoderLayout(
                    config,
                    prefix + family.embedding(),
                    family.scaledEmbedding(),
                    Optional.ofNullable(family.positions())
                            .map(table -> new LearnedPositions(prefix + table, family.positionOffset())),
                    IntStream.range(0, config.nLayers()).mapToObj(this::block).toList(),
                    norm(family.finalNorm(), 0).orElseThrow(),
                    config.tied()
                            ? new Linear(prefix + family.embedding(), Optional.empty(), false)
                            : named(family.unembedding(), false),
                    new Prefix(prefix, family.prefixes().get(0)));
        }

        private Block block(int layer) {
            return new Block(
                    norm(family.attentionNorm(), layer),
                    family.queryKeyValue() == null
                            ? new Separate(
                                    linear(family.query(), layer),
                                    linear(family.key(), layer),
                                    linear(family.value(), layer))
                            : new Fused(linear(family.queryKeyValue(), layer), "per_head".equals(family.fused())),
                    norm(family.queryNorm(), layer),
                    norm(family.keyNorm(), layer),
                    "head".equals(family.normed()),
                    linear(family.output(), layer),
                    norm(family.attentionOutNorm(), layer),
                    mlpReads(),
                    norm(family.mlpNorm(), layer),
                    hidden(layer),
                    linear(family.mlpOut(), layer),
                    norm(family.mlpOutNorm(), layer));
        }

        private MlpReads mlpReads() {
            if (family.sharedNorm()) {
                return MlpReads.ATTENTION_INPUT;
            }
            return config.parallel() ? MlpReads.PRE : MlpReads.MID;
        }

        private Hidden hidden(int layer) {
            if (!family.gated()) {
                return new Plain(linear(family.mlpIn(), layer));
            }
            return family.mlpGateIn() == null
                    ? new Gated(linear(family.mlpGate(), layer), linear(family.mlpIn(), layer))
                    : new FusedGate(linear(family.mlpGateIn(), layer));
        }

        private Linear linear(String name, int layer) {
            return named(prefix + name.formatted(layer), family.transposedWeights());
        }

        private Linear named(String name, boolean transposed) {
            return new Linear(name + ".weight", Optional.of(name + ".bias").filter(exists), transposed);
        }

        private Optional<Norm> norm(String name, int layer) {
            return Optional.ofNullable(name)
                    .map(given -> prefix + given.formatted(layer))
                    .map(full -> {
                        NormKind kind = switch (family.norm()) {
                            case "layer" -> NormKind.LAYER;
                            case "rms_plus_one" -> NormKind.RMS_PLUS_ONE;
                            default -> NormKind.RMS;
                        };
                        Optional<String> bias = kind == NormKind.LAYER ? Optional.of(full + ".bias") : Optional.empty();
                        return new Norm(kind, full + ".weight", bias, config.normEpsilon());
                    });
        }
    }
}
