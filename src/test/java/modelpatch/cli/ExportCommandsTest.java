package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.export.ByteModel;
import modelpatch.export.ExportFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms that others load, from the embedded model by the command line. */
class ExportCommandsTest {
    private static final Path MODEL = Path.of("models", "default");
    private static final String PROMPT = "The person that";

    @TempDir
    Path folder;

    private Path onnx;

    @BeforeEach
    void place() {
        onnx = folder.resolve("onnx");
    }

    @Test
    void everyFormatIsInTheHelpAndInTheDocuments() throws IOException {
        String help = patch("export", "--help").succeeded().out();
        String documents = Files.readString(Path.of("docs", "formats", "exports.md"));
        for (ExportFormat format : ExportFormat.all()) {
            assertThat(help).contains("\n" + format.name() + ": ").contains(format.name() + ", ");
            assertThat(documents.contains("`--format " + format.name() + "`"))
                    .as("docs/formats/exports.md has a section on `--format %s`", format.name())
                    .isTrue();
        }
        patch("export", "--format", "magic", "--out", onnx).refused("safetensors or ", " or onnx", "magic");
    }

    @Test
    void anExportedModelGoesOnAsTheEngineDoes() {
        JsonNode document = patch("export", "--model", MODEL, "--format", "onnx", "--out", onnx, "--json")
                .succeeded()
                .json();
        assertThat(document.path("verdict").asText()).isEqualTo("passed");
        assertThat(document.at("/parity/ways")).hasSize(4);
        JsonNode engine = patch(
                        "logits",
                        "--model",
                        MODEL,
                        "--prompt",
                        PROMPT,
                        "--generate",
                        "8",
                        "--last",
                        "--top",
                        "1",
                        "--json")
                .succeeded()
                .json();
        JsonNode run = patch("run", "--onnx", onnx, "--prompt", PROMPT, "--max-new-tokens", "8", "--json")
                .succeeded()
                .json();
        assertThat(run.path("ids")).isEqualTo(engine.path("ids"));
        for (int i = 0; i < run.path("generated").size(); i++) {
            assertThat(run.path("generated").get(i))
                    .isEqualTo(engine.at("/generated/ids").get(i));
        }
        patch("export", "--model", MODEL, "--format", "onnx", "--out", onnx).refused("target is taken");
    }

    @Test
    void anUnprovedFileSaysSo() {
        JsonNode document = patch("export", "--model", MODEL, "--format", "onnx", "--unproved", "--out", onnx, "--json")
                .succeeded()
                .json();
        assertThat(document.path("verdict").asText()).isEqualTo("unproved");
        assertThat(document.path("parity").isNull()).isTrue();
        assertThat(patch("run", "--onnx", onnx, "--prompt", PROMPT).succeeded().out())
                .isNotBlank();
    }

    @Test
    void aSafetensorsModelGoesIntoAGgufFileWithItsTokenizer() {
        Path model = ByteModel.write(folder.resolve("model"), "qwen3", "qwen2");
        Path gguf = folder.resolve("gguf");
        JsonNode document = patch("export", "--model", model, "--format", "gguf", "--out", gguf, "--json")
                .succeeded()
                .json();
        assertThat(document.path("verdict").asText()).isEqualTo("passed");
        assertThat(document.at("/behaviour/kl_mean").asDouble(1)).isLessThan(1e-4);
        patch("logits", "--model", gguf, "--prompt", "aBa 1111", "--generate", "4")
                .succeeded();
        patch("export", "--model", model, "--format", "gguf", "--weights", "fp32", "--out", folder.resolve("fp32"))
                .exitsWith(0, "no patches", "written model against the patched one");
    }

    @Test
    void aGgufModelGoesIntoSafetensorsAndBackWithoutAPatch() {
        Path model = ByteModel.write(folder.resolve("model"), "llama", "smollm");
        Path gguf = folder.resolve("gguf");
        Path safetensors = folder.resolve("safetensors");
        patch("export", "--model", model, "--out", safetensors).refused("nothing to merge");
        patch("export", "--model", model, "--format", "gguf", "--weights", "fp32", "--out", gguf)
                .succeeded();
        patch("export", "--model", gguf, "--out", safetensors)
                .exitsWith(0, "no patches", "written model against the patched one");
        assertThat(lastLogits(safetensors)).isEqualTo(lastLogits(model));
    }

    private static JsonNode lastLogits(Path model) {
        return patch("logits", "--model", model, "--prompt", "aBa 1111", "--last", "--json")
                .succeeded()
                .json()
                .path("positions");
    }

    @Test
    void whatGgufCannotSayIsRefusedByName() {
        Path gguf = folder.resolve("gguf");
        patch("export", "--model", MODEL, "--format", "gguf", "--out", gguf).refused("WordLevel");
        assertThat(gguf).doesNotExist();
    }

    @Test
    void anAdapterOfPeftBecomesAPatchOrIsRefusedByName() {
        Path adapters = Path.of("src", "test", "resources", "adapters");
        Path base = adapters.resolve("base");
        Path patches = folder.resolve("patches");
        JsonNode document = patch(
                        "import",
                        "--model",
                        base,
                        "--lora",
                        adapters.resolve("patterns"),
                        "--patches",
                        patches,
                        "--json")
                .succeeded()
                .json();
        assertThat(document.path("tensors").asInt()).isEqualTo(7);
        patch(
                        "logits",
                        "--model",
                        base,
                        "--ids",
                        "3,17",
                        "--last",
                        "--patch",
                        document.path("file").asText())
                .succeeded();
        patch("import", "--model", base, "--lora", adapters.resolve("dora"), "--patches", patches)
                .refused("use_dora");
    }

    @Test
    void badFormsAndDirectoriesAreRefused() {
        patch("export", "--model", MODEL, "--format", "tflite", "--out", onnx).refused("no such format");
        patch("export", "--model", MODEL, "--format", "lora", "--out", onnx).refused("--patch");
        patch("run", "--onnx", folder, "--prompt", PROMPT).refused("no ONNX model");
        patch("import", "--model", MODEL, "--lora", folder).refused("adapter_config.json");
    }
}
