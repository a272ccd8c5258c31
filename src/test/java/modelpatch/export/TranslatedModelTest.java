package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.TensorKind;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patched safetensors models as GGUF files: the engine gives the same numbers from both, and what GGUF cannot say is refused by name. */
class TranslatedModelTest {
    private static final int[] NO_PREFIX = {};
    private static final int[] IDS = {5, 17, 3, 80, 42, 9, 61, 33};

    @TempDir
    Path directory;

    /** Mistral's checkpoint with its window switched off, which llama.cpp's llama has not; the others as they are. */
    private Path source(String model) throws IOException {
        Path source = Patched.conformance(model);
        if (!model.equals("mistral")) {
            return source;
        }
        Path copy = Files.createDirectories(directory.resolve(model));
        Files.copy(source.resolve("model.safetensors"), copy.resolve("model.safetensors"));
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(source.resolve("config.json").toFile());
        Files.writeString(
                copy.resolve("config.json"), config.putNull("sliding_window").toString());
        return copy;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_mha_untied", "llama31_rope", "mistral", "qwen2", "qwen3"})
    void thePatchedModelGivesTheSameLogitsFromItsGgufFile(String model) throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(source(model))) {
            List<CastLoss> losses =
                    MergedGguf.write(patched.checkpoint(), patched.stack(), TensorKind.F32, false, target);
            assertThat(losses).hasSize(2).allSatisfy(loss -> {
                assertThat(loss.kind()).isEqualTo(TensorKind.F32);
                assertThat(loss.largestError()).isZero();
            });
            try (LanguageModel written = LanguageModel.open(target, LoadOptions.defaults())) {
                assertThat(written.hasTokenizer()).isFalse();
                assertThat(written.allLogits(NO_PREFIX, IDS))
                        .isDeepEqualTo(patched.model().allLogits(NO_PREFIX, IDS));
                assertThat(written.checkpoint()
                                .metadata()
                                .get("modelpatch.base_digest")
                                .asText())
                        .isEqualTo(patched.checkpoint().digest());
            }
        }
        assertThat(target.resolve(PatchRecord.FILE)).isRegularFile();
    }

    @ParameterizedTest
    @CsvSource({"llama, gpt-2", "mistral, smollm", "llama, llama-bpe", "qwen2, qwen2", "qwen3, qwen2", "mistral, tekken"
    })
    void theTokenizerGoesIntoTheFileAndComesOutOfIt(String family, String pre) throws IOException {
        Path source = ByteModel.write(directory.resolve("base"), family, pre);
        Files.writeString(source.resolve("LICENSE"), "as you like");
        Path target = directory.resolve("out");
        try (Checkpoint base = Checkpoint.open(source)) {
            MergedGguf.write(base, PatchStack.empty(), TensorKind.Q8_0, false, target);
            try (Checkpoint written = Checkpoint.open(target);
                    Tokenizer before = Tokenizer.of(base);
                    Tokenizer after = Tokenizer.of(written)) {
                assertThat(written.tokenizerFile()).isEmpty();
                assertThat(after.encode("aBa 1111 don't <|end|>")).isEqualTo(before.encode("aBa 1111 don't <|end|>"));
                assertThat(written.tensor("model.embed_tokens.weight").kind()).isEqualTo(TensorKind.Q8_0);
            }
        }
        assertThat(names(target)).containsExactly("LICENSE", "base.gguf", PatchRecord.FILE);
    }

    @Test
    void aGgufBaseExportedToSafetensorsAndBackHasTheSameTensors() throws IOException {
        Path first = directory.resolve("first");
        Path source = ByteModel.write(directory.resolve("base"), "llama", "llama-bpe");
        Files.writeString(source.resolve("chat_template.jinja"), "{{ messages }}\n");
        try (Checkpoint base = Checkpoint.open(source)) {
            MergedGguf.write(base, PatchStack.empty(), TensorKind.F32, false, first);
        }
        Path apart = directory.resolve("apart");
        Path again = directory.resolve("again");
        try (Checkpoint gguf = Checkpoint.open(first)) {
            MergedCheckpoint.write(gguf, PatchStack.empty(), apart);
            try (Checkpoint safetensors = Checkpoint.open(apart)) {
                MergedGguf.write(safetensors, PatchStack.empty(), TensorKind.F32, false, again);
            }
            try (Checkpoint back = Checkpoint.open(again)) {
                assertThat(back.digest()).isEqualTo(gguf.digest());
                assertThat(back.config()).isEqualTo(gguf.config());
                for (String key :
                        List.of("tokenizer.ggml.merges", "tokenizer.ggml.tokens", "tokenizer.chat_template")) {
                    assertThat(back.metadata().get(key))
                            .as(key)
                            .isNotNull()
                            .isEqualTo(gguf.metadata().get(key));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sliding_window | 16 | sliding windows",
                "hidden_act | \"gelu\" | activation",
            })
    void aSettingThatGgufCannotSayIsRefusedByNameBeforeAnythingIsWritten(String key, String value, String setting)
            throws IOException {
        Path source = ByteModel.write(directory.resolve("base"), "mistral", "gpt-2");
        Path file = source.resolve("config.json");
        ObjectNode config = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        config.set(key, new ObjectMapper().readTree(value));
        Files.writeString(file, config.toString());
        refused(source, setting);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mistral   | sliding windows",
                "gemma2    | architecture without a GGUF form",
                "gpt2      | architecture without a GGUF form",
            })
    void aFamilyOrWindowThatGgufCannotSayIsRefusedByName(String model, String message) throws IOException {
        refused(Patched.conformance(model), message);
    }

    @Test
    void theEmbeddedModelsWordsAreRefusedByName() throws IOException {
        refused(Path.of("models", "default"), "found WordLevel");
    }

    @Test
    void aNumberTooLargeForItsKindLeavesNothingBehind() throws IOException {
        Path source = ByteModel.write(directory.resolve("base"), "mistral", "gpt-2");
        String tensor = "model.layers.1.mlp.down_proj.weight";
        try (Checkpoint base = Checkpoint.open(source)) {
            ByteBuffer huge = ByteBuffer.allocate(Float.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(1e6f)
                    .flip();
            try (FileChannel channel =
                    FileChannel.open(source.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
                channel.write(huge, base.tensor(tensor).offset());
            }
        }
        refused(source, "too large for F16");
    }

    private void refused(Path source, String message) throws IOException {
        Path parent = Files.createDirectories(directory.resolve("exports"));
        try (Checkpoint base = Checkpoint.open(source)) {
            assertThatThrownBy(() ->
                            MergedGguf.write(base, PatchStack.empty(), TensorKind.F16, false, parent.resolve("out")))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining(message);
        }
        assertThat(names(parent)).isEmpty();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
