package modelpatch;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.OnnxExport;
import modelpatch.export.OnnxModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.PatchStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the documentation compile by themselves and do what they say. */
class ExampleTest {
    private static final List<Class<?>> LIBRARIES_OF_RUNTIME =
            List.of(OrtEnvironment.class, HuggingFaceTokenizer.class, NativeResource.class);

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
        assertThat(run("PatchedAnswer", LIBRARIES_OF_RUNTIME, exported.toString(), prompt, "6")
                        .strip())
                .isEqualTo(expected.strip());
    }

    /** A program elsewhere sees of modelpatch what is public, and no library that it did not ask for. */
    @Test
    void theExampleFindsRepairsEvaluatesAndExports() throws Exception {
        Path out = directory.resolve("repaired");
        String printed = run("RepairedModel", List.of(Installation.class), out.toString(), "12");
        assertThat(printed)
                .contains("every hop known: 12 cases, of which 6 compose")
                .contains("6 of 6 eligible cases taken")
                .containsPattern("correction +6 +0 +6 +r_C +6 +100.0 %")
                .containsPattern("all +12 +12 +12 +12 +12 +0 +0.0 %")
                .contains("written: " + out.resolve("model"));
        assertThat(PatchStore.at(out.resolve("patches"), Clock.systemUTC()).files())
                .hasSize(1);
        try (Checkpoint written = Checkpoint.open(out.resolve("model"));
                Checkpoint base = Checkpoint.open(Path.of("models", "default"))) {
            assertThat(changed(base, written))
                    .containsExactly("model.layers.4.mlp.down_proj.weight", "model.layers.5.mlp.down_proj.weight");
        }
    }

    @Test
    void theExampleIsReadInOneSitting() throws Exception {
        assertThat(Files.readAllLines(Path.of("docs", "examples", "RepairedModel.java")))
                .hasSizeLessThan(60);
    }

    /** What two checkpoints of the same tensors differ in. */
    private static List<String> changed(Checkpoint one, Checkpoint other) {
        assertThat(other.tensors().keySet()).isEqualTo(one.tensors().keySet());
        return one.tensors().keySet().stream()
                .filter(name -> !one.digest(name).equals(other.digest(name)))
                .toList();
    }

    /** What a program prints that is compiled with these classes' libraries alone. */
    private String run(String program, List<Class<?>> libraries, String... arguments) throws Exception {
        List<String> jars = new ArrayList<>();
        for (Class<?> inside : libraries) {
            jars.add(jar(inside));
        }
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        directory.toString(),
                        "-proc:none",
                        "-cp",
                        String.join(File.pathSeparator, jars),
                        Path.of("docs", "examples", program + ".java").toString());
        assertThat(compiled).isZero();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader classes = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            classes.loadClass(program).getMethod("main", String[].class).invoke(null, (Object) arguments);
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
