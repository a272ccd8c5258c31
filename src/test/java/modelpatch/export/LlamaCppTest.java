package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import modelpatch.checkpoint.TensorKind;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exported GGUF files, opened by llama.cpp: it cuts texts as the base's tokenizer does and goes on as the engine does. */
class LlamaCppTest {
    private static final int[] NO_PREFIX = {};
    private static final List<String> TEXTS = List.of(
            "aBa 1111 don't",
            "X'S aBaBa!\n\n11111 11 <|end|>a  b",
            "naïve 日本語 👩‍👩‍👧\tab\r\n  ½ ²³ ٣٤",
            "x = [i ** 2 for i in range(10)]  # comment");

    @TempDir
    Path directory;

    /**
     * llama.cpp rounds activations to the kind of the weights. That leaves logits within the tolerance, but after BF16 and Q8_0 a random model soon
     * says something else, so no text is compared then. qwen3 is younger than this llama.cpp; docs/results.md says how it was tried.
     */
    @ParameterizedTest
    @CsvSource({
        "llama, llama-bpe, F32, 24, 1e-5",
        "mistral, tekken, F32, 24, 1e-5",
        "qwen2, qwen2, F32, 24, 1e-5",
        "llama, gpt-2, F16, 24, 2e-3",
        "qwen2, smollm, BF16, 0, 2e-2",
        "llama, smollm, Q8_0, 0, 6e-2"
    })
    void llamaCppGoesOnAsTheEngineDoes(String family, String pre, TensorKind kind, int newTokens, double tolerance)
            throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        try (Patched patched = Patched.open(ByteModel.write(directory.resolve("base"), family, pre))) {
            MergedGguf.write(patched.checkpoint(), patched.stack(), kind, false, out);
        }
        try (LanguageModel engine = LanguageModel.open(out, LoadOptions.defaults())) {
            requireEqual(engine, out.resolve("base.gguf"), TEXTS, newTokens, tolerance);
        }
    }

    static void requireEqual(LanguageModel engine, Path file, List<String> texts, int newTokens, double tolerance)
            throws IOException, InterruptedException {
        List<LlamaCpp.Reading> readings = LlamaCpp.read(file, newTokens, texts, file.getParent());
        assertThat(readings).hasSameSizeAs(texts);
        for (int i = 0; i < texts.size(); i++) {
            Tokenizer tokenizer = engine.tokenizer();
            String text = texts.get(i);
            int[] ids = tokenizer.encode(text);
            assertThat(readings.get(i).ids()).as(text).isEqualTo(tokenizer.encodeContinuation(text));
            if (newTokens > 0) {
                int[] greedy = engine.generate(NO_PREFIX, List.of(ids), newTokens, end -> false)
                        .get(0);
                assertThat(readings.get(i).continuation()).as(text).isEqualTo(tokenizer.decode(greedy));
            }
            float[] logits = engine.nextLogits(NO_PREFIX, List.of(ids)).get(0);
            requireProportional(unembedded(engine, readings.get(i).hidden()), logits, tolerance, text);
        }
    }

    /** W_U h, {@code [d_vocab]}, of a tied model. */
    private static float[] unembedded(LanguageModel engine, float[] hidden) {
        String name = "model.embed_tokens.weight";
        float[] embedding = new float[(int) engine.checkpoint().tensor(name).elements()];
        engine.checkpoint().readFloat32(name, FloatBuffer.wrap(embedding));
        float[] logits = new float[embedding.length / hidden.length];
        for (int id = 0; id < logits.length; id++) {
            double sum = 0;
            for (int i = 0; i < hidden.length; i++) {
                sum += (double) embedding[id * hidden.length + i] * hidden[i];
            }
            logits[id] = (float) sum;
        }
        return logits;
    }

    /** The factor that llama.cpp divides by is found by least squares; nothing else is free. */
    private static void requireProportional(float[] found, float[] logits, double tolerance, String text) {
        double product = 0;
        double square = 0;
        double largest = 0;
        for (int id = 0; id < logits.length; id++) {
            product += (double) found[id] * logits[id];
            square += (double) found[id] * found[id];
            largest = Math.max(largest, Math.abs(logits[id]));
        }
        for (int id = 0; id < logits.length; id++) {
            assertThat(found[id] * product / square)
                    .as("logit of %d after '%s'", id, text)
                    .isCloseTo(logits[id], within(tolerance * largest));
        }
    }
}
