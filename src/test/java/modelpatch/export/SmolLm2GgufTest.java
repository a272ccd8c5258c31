package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.TensorKind;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real model on its way from GGUF to safetensors and back to GGUF. */
@NeedsSmolLm2
class SmolLm2GgufTest {
    private static final List<String> TEXTS = List.of(
            "The capital of France is", "Q: Who wrote Hamlet?\nA:", "1984 naïve 東京 don't \n\tfoo();  bar 👩‍👩‍👧");

    @TempDir
    Path directory;

    /** The metadata of the shipped file, which llama.cpp's own converter made of the tokenizer.json beside it. */
    @Test
    void theTokenizerIsDescribedAsLlamaCppsOwnConverterDescribesIt() throws IOException {
        Path beside = SharedModel.smolLm2().resolveSibling("tokenizer.json");
        try (Checkpoint shipped = Checkpoint.open(SharedModel.smolLm2())) {
            Path alone = Files.createDirectories(directory.resolve("alone"));
            Files.copy(beside, alone.resolve("tokenizer.json"));
            Files.createSymbolicLink(
                    alone.resolve("m.gguf"), SharedModel.smolLm2().toAbsolutePath());
            try (Checkpoint base = Checkpoint.open(alone)) {
                Map<String, JsonNode> made = Tokenizer.metadata(base, 49152);
                for (String key : List.of("model", "pre", "tokens", "token_type", "merges", "eos_token_id")) {
                    assertThat(made.get("tokenizer.ggml." + key).toString())
                            .as(key)
                            .isEqualTo(shipped.metadata()
                                    .get("tokenizer.ggml." + key)
                                    .toString());
                }
            }
        }
    }

    @Test
    void llamaCppGoesOnAsTheEngineDoesAndTheTensorsAreThoseOfTheStart() throws IOException, InterruptedException {
        Path safetensors = directory.resolve("safetensors");
        Path out = directory.resolve("out");
        try (Checkpoint start = Checkpoint.open(SharedModel.smolLm2())) {
            MergedCheckpoint.write(start, PatchStack.empty(), safetensors);
            try (Checkpoint base = Checkpoint.open(safetensors)) {
                MergedGguf.write(base, PatchStack.empty(), TensorKind.F32, false, out);
            }
            try (LanguageModel engine = LanguageModel.open(out, LoadOptions.defaults())) {
                assertThat(engine.checkpoint().tensors().keySet())
                        .isEqualTo(start.tensors().keySet());
                LlamaCppTest.requireEqual(engine, out.resolve("safetensors.gguf"), TEXTS, 24, 1e-4);
            }
        }
    }
}
