package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.NativeResource;
import ai.onnxruntime.OrtEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the documentation compiles by itself and says what the exported model says. */
class ExampleTest {
    @TempDir
    Path directory;

    @Test
    void theExampleGivesTheExportedModelsAnswer() throws Exception {
        Path exported = directory.resolve("onnx");
        try (Checkpoint base = Checkpoint.open(Path.of("models", "default"))) {
            OnnxExport.writeUnproved(base, PatchStack.empty(), exported, OnnxExport.Options.defaults());
        }
        String prompt = "The person that";
        String expected;
        try (OnnxModel model = OnnxModel.open(exported, 1)) {
            int[] ids = model.tokenizer().encode(prompt);
            expected = model.tokenizer()
                    .decode(model.generate(new int[0], List.of(ids), 6, made -> false)
                            .get(0));
        }
        assertThat(expected).isNotBlank();
        assertThat(run(exported.toString(), prompt, "6").strip()).isEqualTo(expected.strip());
    }

    private String run(String... arguments) throws Exception {
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        directory.toString(),
                        "-proc:none",
                        "-cp",
                        String.join(
                                File.pathSeparator,
                                jar(OrtEnvironment.class),
                                jar(HuggingFaceTokenizer.class),
                                jar(NativeResource.class)),
                        Path.of("docs", "examples", "PatchedAnswer.java").toString());
        assertThat(compiled).isZero();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader classes = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            classes.loadClass("PatchedAnswer").getMethod("main", String[].class).invoke(null, (Object) arguments);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static String jar(Class<?> inside) throws Exception {
        return Path.of(inside.getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
    }
}
