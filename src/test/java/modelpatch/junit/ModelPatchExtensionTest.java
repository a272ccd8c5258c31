package modelpatch.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.guard.GuardWorld;
import modelpatch.model.LanguageModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

class ModelPatchExtensionTest {
    @TempDir
    static Path folder;

    private static GuardWorld world;

    @BeforeAll
    static void make() throws IOException {
        world = GuardWorld.at(folder.resolve("world"));
        Files.createDirectories(folder.resolve("eval"));
        Files.copy(world.suite(), folder.resolve("eval/suite.yaml"));
        Files.copy(world.goodPatch(), folder.resolve("good.patch.safetensors"));
    }

    @ModelUnderTest(model = "world/tiny", patches = "good.patch.safetensors", threads = 1)
    @RegressionSuite("eval/suite.yaml")
    static class Patched implements RegressionTests {}

    @ModelUnderTest(model = "world/tiny", patches = "good.patch.safetensors", threads = 1)
    @RegressionSuite("eval/suite.yaml")
    static class PatchedToo implements RegressionTests {}

    @ModelUnderTest(model = "world/tiny", threads = 1)
    @RegressionSuite("eval/suite.yaml")
    static class Unpatched implements RegressionTests {}

    @RegressionSuite("eval/suite.yaml")
    static class Nameless implements RegressionTests {}

    /** Names of what ran, and the summary. */
    private static final class Listener extends SummaryGeneratingListener {
        private final List<String> names = new java.util.concurrent.CopyOnWriteArrayList<>();

        @Override
        public void executionStarted(TestIdentifier test) {
            super.executionStarted(test);
            if (test.isTest()) {
                names.add(test.getDisplayName());
            }
        }
    }

    private static Listener run(boolean parallel, Class<?>... classes) {
        Listener listener = new Listener();
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter(ModelPatchExtension.ROOT, folder.toString())
                .configurationParameter("junit.jupiter.execution.parallel.enabled", String.valueOf(parallel))
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4");
        for (Class<?> one : classes) {
            request.selectors(selectClass(one));
        }
        LauncherFactory.create().execute(request.build(), listener);
        return listener;
    }

    @Test
    void everyCaseIsATestWithAReadableName() {
        Listener run = run(false, Patched.class);
        assertThat(run.getSummary().getFailures()).isEmpty();
        assertThat(run.names)
                .hasSizeGreaterThanOrEqualTo(world.cases())
                .anyMatch(name -> name.matches("must_stay/hops: . the \\w+ of \\w+ is \\.\\.\\. .*\\[.*]"))
                .anyMatch(name -> name.contains("drift_kl_max"));
    }

    @Test
    void aBrokenCaseSaysPromptExpectedFoundAndBefore() {
        TestExecutionSummary summary = run(false, Unpatched.class).getSummary();
        assertThat(summary.getFailures())
                .isNotEmpty()
                .allSatisfy(failure ->
                        assertThat(failure.getTestIdentifier().getDisplayName()).contains("must_change"));
        assertThat(summary.getFailures())
                .anySatisfy(failure -> assertThat(failure.getException().getMessage())
                        .contains("prompt: ", "expected: ", "found: ", "before: "));
    }

    @Test
    void classesInParallelShareOneModelWhichIsClosedAtTheEnd() {
        int before = LanguageModel.liveNativeArrays();
        Listener alone = run(false, Patched.class);
        Listener both = run(true, Patched.class, PatchedToo.class);
        assertThat(both.getSummary().getFailures()).isEmpty();
        assertThat(both.names).hasSize(2 * alone.names.size());
        assertThat(LanguageModel.liveNativeArrays()).isEqualTo(before);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(
                        thread -> thread.getName().equals("model under test") && thread.isAlive() && !ending(thread));
    }

    /** A thread pool that was shut down lets its thread go a moment later. */
    private static boolean ending(Thread thread) {
        try {
            thread.join(2000);
            return !thread.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void aClassWithoutAModelIsToldSo() {
        assertThat(run(false, Nameless.class).getSummary().getFailures())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.getException()).hasMessageContaining("@ModelUnderTest"));
    }
}
