package modelpatch.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The example project, compiled from its own sources and run as a user's build would: green as it is, red once its patch goes bad. */
class ExampleProjectTest {
    private static final Path EXAMPLE = Path.of("eval", "examples", "guarded-model");

    @TempDir
    static Path home;

    private static Class<?> test;

    @BeforeAll
    static void compile() throws Exception {
        Path classes = Files.createDirectories(home.resolve("classes"));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-d",
                        classes.toString(),
                        EXAMPLE.resolve("src/test/java/example/EditedModelTest.java")
                                .toString());
        assertThat(failed).isZero();
        URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, ExampleProjectTest.class.getClassLoader());
        test = loader.loadClass("example.EditedModelTest");
        copy(Path.of("models", "default"), home.resolve("models/default"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private static Path project(String name) {
        try {
            Path project = home.resolve("eval/examples").resolve(name);
            copy(EXAMPLE, project);
            return project;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TestExecutionSummary run(Path project, String... tags) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(test))
                .configurationParameter(ModelPatchExtension.ROOT, project.toString());
        if (tags.length > 0) {
            request.filters(TagFilter.includeTags(tags));
        }
        LauncherFactory.create().execute(request.build(), listener);
        return listener.getSummary();
    }

    @Test
    void itIsGreenAsItIs() {
        TestExecutionSummary summary = run(project("good"));
        assertThat(summary.getFailures()).isEmpty();
        assertThat(summary.getTestsSucceededCount()).isGreaterThan(20);
        assertThat(run(project("good-hops"), "hops").getTestsFoundCount())
                .isPositive()
                .isLessThan(summary.getTestsFoundCount());
    }

    @Test
    void itIsRedWithAPatchThatBreaksWhatItLeftRightAndSaysWhich() {
        Path project = project("harmful");
        Path file = project.resolve("patches/repair.patch.safetensors");
        WeightPatch good = PatchFile.read(file);
        TensorDelta first = good.deltas().get(0);
        Random random = new Random(1);
        float[] left = new float[first.rows()];
        float[] right = new float[first.columns().width()];
        for (int i = 0; i < left.length; i++) {
            left[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < right.length; i++) {
            right[i] = (float) random.nextGaussian();
        }
        TensorDelta noise = new TensorDelta(
                first.tensor(), first.rows(), Columns.all(right.length), 1, first.orientation(), left, right);
        try (Checkpoint base = Checkpoint.open(home.resolve("models/default"))) {
            PatchFile.write(WeightPatch.of(base, PatchStack.empty(), List.of(noise), good.provenance()), file);
        }
        assertThat(messages(run(project))).anyMatch(message -> message.contains("require_signatures"));
        write(project.resolve("policy.yaml"), "refuse_expired: true\n");
        assertThat(messages(run(project)))
                .anyMatch(message ->
                        message.contains("prompt:") && message.contains("expected:") && message.contains("found:"))
                .anyMatch(message -> message.contains("must_change/correction"));
    }

    @Test
    void itIsRedWithATamperedPatch() throws IOException {
        Path project = project("tampered");
        Path file = project.resolve("patches/repair.patch.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 5] ^= 1;
        Files.write(file, bytes);
        assertThat(messages(run(project)))
                .isNotEmpty()
                .allMatch(message -> message.contains("changed after it was made"));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> messages(TestExecutionSummary summary) {
        return summary.getFailures().stream()
                .map(failure -> failure.getTestIdentifier().getDisplayName() + "\n"
                        + failure.getException().getMessage())
                .toList();
    }
}
