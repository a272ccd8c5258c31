package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Rotary;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufTranslation;
import modelpatch.checkpoint.TensorKind;
import modelpatch.tokenizer.Tokenizer;

/**
 * A safetensors model on its way to GGUF, with its tokenizer. Whether the key-values say all that the configuration says is found out by
 * reading them back before anything is written.
 */
record TranslatedModel(Checkpoint base, GgufTranslation translation, Map<String, JsonNode> tokenizer) {
    /** GGUF keeps numbers of the configuration as float32. */
    private static final double ROUNDING = 1e-6;

    /** @throws BadInput naming the setting, tensor or part of the tokenizer that GGUF cannot express */
    static TranslatedModel of(Checkpoint base) {
        ModelConfig asked = ModelConfig.read(base.config(), base.name());
        GgufTranslation translation = GgufTranslation.of(base);
        Map<String, Object> said = meaning(ModelConfig.read(translation.config(), base.name() + " in GGUF"));
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
        return new TranslatedModel(base, translation, Tokenizer.metadata(base, asked.dVocab()));
    }

    void write(Map<String, float[]> patched, TensorKind kind, Map<String, JsonNode> record, Path file) {
        Map<String, JsonNode> further = new LinkedHashMap<>(tokenizer);
        further.putAll(record);
        translation.write(patched, kind, further, file);
        requireSameTokenizer(file);
    }

    /** Every setting of a forward pass, by the name that a message gives it. */
    private static Map<String, Object> meaning(ModelConfig config) {
        Map<String, Object> meaning = new LinkedHashMap<>();
        meaning.put("d_model", config.dModel());
        meaning.put("layers", config.nLayers());
        meaning.put("heads", config.nHeads());
        meaning.put("key-value heads", config.nKeyValueHeads());
        meaning.put("d_head", config.dHead());
        meaning.put("d_mlp", config.dMlp());
        meaning.put("d_vocab", config.dVocab());
        meaning.put("context", config.nCtx());
        meaning.put("epsilon of the norms", config.normEpsilon());
        meaning.put("parallel blocks", config.parallel());
        meaning.put("activation", config.activation());
        meaning.put("scale of attention", config.attentionScale());
        meaning.put("soft cap of attention", config.attentionCap());
        meaning.put("soft cap of the logits", config.finalCap());
        meaning.put(
                "sliding windows",
                config.windows().stream()
                        .map(window -> window < config.nCtx() ? window : 0)
                        .toList());
        meaning.put("rotary dimensions", config.rotary().map(Rotary::dimensions));
        meaning.put("rotary pairs", config.rotary().map(Rotary::pairs));
        meaning.put(
                "rotary frequencies",
                config.rotary().map(Rotary::frequencies).stream()
                        .flatMapToDouble(Arrays::stream)
                        .boxed()
                        .toList());
        meaning.put("tied unembedding", config.tied());
        return meaning;
    }

    private static boolean same(Object asked, Object said) {
        if (asked instanceof Double a && said instanceof Double b) {
            return Math.abs(a - b) <= ROUNDING * Math.abs(a);
        }
        if (asked instanceof List<?> a && said instanceof List<?> b) {
            return a.size() == b.size() && IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
        }
        return asked.equals(said);
    }

    /** Reads the written tokenizer back and holds it against the base's. */
    private void requireSameTokenizer(Path file) {
        try (Checkpoint written = Checkpoint.open(file)) {
            Optional<Tokenizer> before = Tokenizer.find(base);
            Optional<Tokenizer> after = Tokenizer.find(written);
            try {
                before.ifPresent(tokenizer -> TokenizerParity.require(tokenizer, after.orElseThrow(), file));
            } finally {
                before.ifPresent(Tokenizer::close);
                after.ifPresent(Tokenizer::close);
            }
        }
    }
}
