package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.solve.Columns;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same tensors read otherwise are another base. */
class BaseReadingTest {
    private static final Path LLAMA = Path.of("src/test/resources/conformance/llama");
    private static final String TOKENIZER =
            "{\"version\":\"1.0\",\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}";

    @TempDir
    Path directory;

    private WeightPatch patch;

    @BeforeEach
    void patchOfACopy() throws IOException {
        Files.copy(LLAMA.resolve("config.json"), directory.resolve("config.json"));
        Files.copy(LLAMA.resolve("model.safetensors"), directory.resolve("model.safetensors"));
        Files.writeString(directory.resolve("tokenizer.json"), TOKENIZER);
        try (Checkpoint base = Checkpoint.open(directory)) {
            List<Long> shape =
                    base.tensor("model.layers.0.self_attn.o_proj.weight").shape();
            Columns columns = Columns.all(shape.get(1).intValue());
            TensorDelta delta = new TensorDelta(
                    "model.layers.0.self_attn.o_proj.weight",
                    shape.get(0).intValue(),
                    columns,
                    1,
                    Orientation.OUT_IN,
                    SmallModel.gaussian(shape.get(0).intValue(), new Random(1)),
                    SmallModel.gaussian(columns.count(), new Random(2)));
            patch = WeightPatch.of(base, PatchStack.of(List.of()), List.of(delta), SmallModel.provenance("x"));
        }
        Path file = directory.resolve("p" + PatchFile.SUFFIX);
        PatchFile.write(patch, file);
        assertThat(PatchFile.read(file).reading()).isEqualTo(patch.reading());
        patch = PatchFile.read(file);
    }

    private void fits() {
        try (Checkpoint base = Checkpoint.open(directory)) {
            PatchStack.of(List.of(patch)).requireFits(base);
        }
    }

    private void config(String from, String to) throws IOException {
        Path file = directory.resolve("config.json");
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    @Test
    void anotherRopeThetaIsAnotherBase() throws IOException {
        config("\"rope_theta\": 10000.0", "\"rope_theta\": 500.0");
        assertThatThrownBy(this::fits)
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(patch.shortId(), "config.json", "the tensors are the same");
    }

    @Test
    void anotherTokenizerIsAnotherBase() throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), TOKENIZER.replace("\"a\":0,\"b\":1", "\"b\":0,\"a\":1"));
        assertThatThrownBy(this::fits).isInstanceOf(BadInput.class).hasMessageContaining("tokenizer.json");
    }

    @Test
    void whatChangesNoNumberIsTheSameBase() throws IOException {
        config("\"max_position_embeddings\": ", "\"max_position_embeddings\": 1");
        config("\"attention_dropout\": 0.0", "\"attention_dropout\": 0.5");
        Files.writeString(
                directory.resolve("tokenizer.json"),
                "{\"model\":{\"merges\":[[\"a\",\"b\"]],\"vocab\":{\"ab\":2,\"a\":0,\"b\":1},\"type\":\"BPE\"}, \"version\":\"1.0\"}");
        assertThatCode(this::fits).doesNotThrowAnyException();
        Files.delete(directory.resolve("tokenizer.json"));
        assertThatCode(this::fits)
                .as("nothing is known of a tokenizer that is not there")
                .doesNotThrowAnyException();
    }

    @Test
    void ofAnotherFormNothingIsSaid() {
        BaseReading now = patch.reading().orElseThrow();
        BaseReading later = new BaseReading(now.form() + 1, now.tokenizer(), now.computation());
        assertThat(now.difference(later)).isEmpty();
    }
}
