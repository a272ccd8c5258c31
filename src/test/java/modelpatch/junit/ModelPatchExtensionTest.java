package modelpatch.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.guard.GuardWorld;
import modelpatch.guard.OpenTarget;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.Signature;
import modelpatch.patch.SigningKey;
import modelpatch.patch.SmallModel;
import modelpatch.patch.WeightPatch;
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

    @ModelUnderTest(model = "world/tiny", patches = "good.patch.safetensors", policy = "policy.yaml", threads = 1)
    @RegressionSuite("eval/suite.yaml")
    static class Governed implements RegressionTests {}

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
        return run(folder, parallel, classes);
    }

    private static Listener run(Path root, boolean parallel, Class<?>... classes) {
        Listener listener = new Listener();
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter(ModelPatchExtension.ROOT, root.toString())
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

    /** A project whose patch is the given one, under a policy. */
    private static List<String> failuresWith(String name, WeightPatch patch, String policy) throws IOException {
        Path project = Files.createDirectories(folder.resolve(name));
        Files.createDirectories(project.resolve("world/tiny"));
        Files.createDirectories(project.resolve("eval"));
        for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.copy(
                    world.model().resolve(file), project.resolve("world/tiny").resolve(file));
        }
        Files.copy(world.suite(), project.resolve("eval/suite.yaml"));
        Files.writeString(project.resolve("policy.yaml"), policy);
        Files.copy(folder.resolve("ada.keys"), project.resolve("ada.keys"));
        PatchFile.write(patch, project.resolve("good.patch.safetensors"));
        return run(project, false, Governed.class).getSummary().getFailures().stream()
                .map(failure -> failure.getTestIdentifier().getDisplayName() + "\n"
                        + failure.getException().getMessage())
                .toList();
    }

    @Test
    void everyKindOfPlantedRegressionTurnsABuildRedByName() throws IOException {
        SigningKey ada = SigningKey.generate(folder.resolve("ada.key"), "ada");
        Files.copy(folder.resolve("ada.key.pub"), folder.resolve("ada.keys"));
        String open = "refuse_expired: true\n";
        String signed = "require_signatures: 1\ntrusted_keys: ada.keys\n";
        WeightPatch good = PatchFile.read(world.goodPatch());
        WeightPatch approved = good.signed(List.of(ada.sign(good, "ada", Signature.Role.APPROVER, Instant.EPOCH)));
        assertThat(failuresWith("clean", approved, signed)).isEmpty();
        assertThat(failuresWith("unsigned", good, signed)).anyMatch(text -> text.contains("require_signatures"));
        try (LanguageModel model = world.open()) {
            WeightPatch old = world.noise(model, List.of(), 0.1, 1, Instant.EPOCH, Optional.of(Instant.EPOCH));
            assertThat(failuresWith("expired", old, open)).anyMatch(text -> text.contains("refuse_expired"));
            Path file = folder.resolve("old" + PatchFile.SUFFIX);
            PatchFile.write(old, file);
            assertThatThrownBy(() -> OpenTarget.open(world.model(), List.of(file), null, null, 1, Instant.EPOCH))
                    .as("where no policy is named the defaults of the commands hold")
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("refuse_expired");
            WeightPatch harm = world.noise(model, List.of(), 8, 2, Instant.EPOCH, Optional.empty());
            assertThat(failuresWith("harmful", harm, open))
                    .anyMatch(text -> text.contains("must_stay/hops") && text.contains("expected: "))
                    .anyMatch(text -> text.contains("must_stay/specificity_relation"));
            WeightPatch drift = world.noise(model, List.of(), "lm_head.weight", 20, 3, Instant.EPOCH, Optional.empty());
            assertThat(failuresWith("drift", drift, open)).anyMatch(text -> text.contains("drift_kl_max"));
        }
        try (Checkpoint other = Checkpoint.open(SmallModel.write(folder.resolve("other"), 1))) {
            WeightPatch foreign = WeightPatch.of(
                    other, PatchStack.empty(), SmallModel.deltas(new Random(1)), SmallModel.provenance("foreign"));
            assertThat(failuresWith("foreign", foreign, open))
                    .isNotEmpty()
                    .allMatch(text -> text.contains("layers.0.o.weight"));
        }
    }

    @Test
    void aClassWithoutAModelIsToldSo() {
        assertThat(run(false, Nameless.class).getSummary().getFailures())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.getException()).hasMessageContaining("@ModelUnderTest"));
    }
}
