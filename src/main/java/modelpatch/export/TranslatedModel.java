package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.Block;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Norm;
import modelpatch.architecture.Rotary;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufTranslation;
import modelpatch.checkpoint.TensorKind;
import modelpatch.tokenizer.Tokenizer;

/**
 * A safetensors model on its way to GGUF, with its tokenizer. Whether the key-values say all that the configuration says is found out by
 * reading them back before anything is written.
 *
 * @param rows of the embedding
 */
record TranslatedModel(Checkpoint base, int rows, GgufTranslation translation, Map<String, JsonNode> tokenizer) {
    /** GGUF keeps numbers of the configuration as float32. */
    private static final double ROUNDING = 1e-6;

    /** @throws BadInput naming the setting, tensor or part of the tokenizer that GGUF cannot express */
    static TranslatedModel of(Checkpoint base) {
        DecoderLayout asked = DecoderLayout.of(base);
        GgufTranslation translation = GgufTranslation.of(base);
        Map<String, Object> said = meaning(DecoderLayout.of(translation.config(), base.name() + " in GGUF"));
        meaning(asked).forEach((setting, value) -> {
            if (!same(value, said.get(setting))) {
                throw new BadInput(
                        "setting without a place in GGUF",
                        base.path().toString(),
                        setting + " of " + said.get(setting),
                        String.valueOf(value),
                        "export it as safetensors or ONNX (--format onnx)");
            }
        });
        int rows = asked.config().dVocab();
        return new TranslatedModel(base, rows, translation, Tokenizer.metadata(base, rows));
    }

    void write(Map<String, float[]> patched, TensorKind kind, Map<String, JsonNode> record, Path file) {
        Map<String, JsonNode> further = new LinkedHashMap<>(tokenizer);
        further.putAll(record);
        translation.write(patched, kind, further, file);
        requireSameTokenizer(file);
    }

    /** Every setting of a forward pass, by the name that a message gives it. */
    private static Map<String, Object> meaning(DecoderLayout layout) {
        ModelConfig config = layout.config();
        Map<String, Object> meaning = new LinkedHashMap<>();
        meaning.put("d_model", config.dModel());
        meaning.put("layers", config.nLayers());
        meaning.put("heads", config.nHeads());
        meaning.put("key-value heads", config.nKeyValueHeads());
        meaning.put("d_head", config.dHead());
        meaning.put("d_mlp", config.dMlp());
        meaning.put("d_vocab", config.dVocab());
        meaning.put("context", config.nCtx());
        meaning.put("epsilon of the final norm", layout.finalNorm().map(Norm::epsilon));
        meaning.put("scale of embeddings", layout.embedding().scale());
        meaning.put("soft cap of the logits", layout.unembedding().cap());
        meaning.put("tied unembedding", layout.unembedding().tied());
        byBlock(
                meaning,
                layout,
                "epsilon of the norms",
                block -> block.attentionNorm().map(Norm::epsilon));
        byBlock(meaning, layout, "input of the MLP", Block::mlpReads);
        byBlock(meaning, layout, "MLP", block -> block.mlp().getClass().getSimpleName());
        byBlock(meaning, layout, "activation", block -> activation(block.mlp()));
        byBlock(
                meaning,
                layout,
                "scale of attention",
                block -> block.attention().scale());
        byBlock(
                meaning,
                layout,
                "soft cap of attention",
                block -> block.attention().cap());
        byBlock(meaning, layout, "sliding windows", block -> {
            int window = block.attention().window();
            return window < config.nCtx() ? window : 0;
        });
        byBlock(
                meaning,
                layout,
                "rotary dimensions",
                block -> block.attention().rotary().map(Rotary::dimensions));
        byBlock(
                meaning,
                layout,
                "rotary pairs",
                block -> block.attention().rotary().map(Rotary::pairs));
        byBlock(
                meaning,
                layout,
                "rotary frequencies",
                block -> block.attention().rotary().stream()
                        .flatMapToDouble(rotary -> Arrays.stream(rotary.frequencies()))
                        .boxed()
                        .toList());
        return meaning;
    }

    private static Object activation(Mlp mlp) {
        return mlp.fold(
                Mlp.Plain::activation,
                Mlp.Gated::activation,
                Mlp.FusedGate::activation,
                clamped -> clamped,
                experts -> activation(experts.experts().get(0)));
    }

    private static void byBlock(
            Map<String, Object> meaning, DecoderLayout layout, String name, Function<Block, Object> setting) {
        meaning.put(name, layout.blocks().stream().map(setting).toList());
    }

    private static boolean same(Object asked, Object said) {
        if (asked instanceof Double a && said instanceof Double b) {
            return Math.abs(a - b) <= ROUNDING * Math.abs(a);
        }
        if (asked instanceof List<?> a && said instanceof List<?> b) {
            return a.size() == b.size() && IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
        }
        if (asked instanceof Optional<?> a && said instanceof Optional<?> b && a.isPresent() && b.isPresent()) {
            return same(a.get(), b.get());
        }
        return asked.equals(said);
    }

    /** Reads the written tokenizer back and holds it against the base's. */
    private void requireSameTokenizer(Path file) {
        try (Checkpoint written = Checkpoint.open(file)) {
            Optional<Tokenizer> before = Tokenizer.find(base);
            Optional<Tokenizer> after = Tokenizer.find(written);
            try {
                before.ifPresent(tokenizer -> TokenizerParity.require(tokenizer, after.orElseThrow(), rows, file));
            } finally {
                before.ifPresent(Tokenizer::close);
                after.ifPresent(Tokenizer::close);
            }
        }
    }
}
