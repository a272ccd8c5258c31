package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import modelpatch.guard.GuardWorld;
import modelpatch.guard.RegressionSuite;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchFile;
import modelpatch.patch.Signature;
import modelpatch.patch.SigningKey;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sixty regressions that are known beforehand, each caught and called by its name; forty runs in which nothing is wrong, and nothing is said.
 * That an answer is broken is decided here by the argmax of logits, that a model has drifted by the definition of KL.
 */
class PlantedRegressionsTest {
    private static final int HOPS = 15;
    private static final int COMPOSITIONS = 15;
    private static final int DRIFTS = 10;
    private static final int TAMPERED = 6;
    private static final int WRONG_BASES = 5;
    private static final int UNSIGNED = 5;
    private static final int EXPIRED = 4;
    private static final int CLEAN = 40;

    @TempDir
    static Path folder;

    private static GuardWorld world;
    private static LanguageModel model;
    private static WeightPatch good;

    @BeforeAll
    static void make() throws IOException {
        world = GuardWorld.at(folder.resolve("world"));
        model = world.open();
        good = PatchFile.read(world.goodPatch());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void thePlantsAreSixty() {
        assertThat(HOPS + COMPOSITIONS + DRIFTS + TAMPERED + WRONG_BASES + UNSIGNED + EXPIRED)
                .isEqualTo(60);
    }

    private static CommandRun run(Path suite, int threads, Object... patches) {
        List<Object> arguments = new ArrayList<>(List.of("guard", "run", "--model", world.model(), "--suite", suite));
        arguments.addAll(List.of("--json", "--threads", threads));
        for (Object one : patches) {
            arguments.addAll(List.of("--patch", one));
        }
        return patch(arguments.toArray());
    }

    private static Path written(WeightPatch patch, String name) {
        Path file = folder.resolve(name + PatchFile.SUFFIX);
        PatchFile.write(patch, file);
        return file;
    }

    private static WeightPatch noise(double share, long seed) {
        return world.noise(model, List.of(good), share, seed, Instant.EPOCH, Optional.empty());
    }

    private static List<String> broken(CommandRun run) {
        assertThat(run.exitCode()).as("%s%n%s", run.out(), run.err()).isEqualTo(1);
        JsonNode names = run.json().path("broken");
        return StreamSupport.stream(names.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** Prompts to which a model clearly says something else. */
    private static List<String> flipped(LanguageModel changed, Map<String, String> answers) {
        Map<String, String> said = GuardWorld.said(changed, answers.keySet());
        return answers.keySet().stream()
                .filter(prompt -> said.containsKey(prompt) && !said.get(prompt).equals(answers.get(prompt)))
                .toList();
    }

    private static void brokenAnswersAreNamed(int plants, Map<String, String> answers, String set, long firstSeed) {
        for (long seed = firstSeed; seed < firstSeed + plants; seed++) {
            List<String> wrong = List.of();
            WeightPatch harm = null;
            for (double share = 0.2; wrong.isEmpty(); share *= 1.4) {
                harm = noise(share, seed);
                try (LanguageModel changed = GuardWorld.patched(model, good, harm)) {
                    wrong = flipped(changed, answers);
                }
            }
            List<String> named =
                    wrong.stream().map(prompt -> set + ": " + prompt).toList();
            assertThat(broken(run(world.suite(), 1, world.goodPatch(), written(harm, "harm" + seed))))
                    .as("seed %d", seed)
                    .containsAll(named);
        }
    }

    @Test
    void brokenSingleHopsAreNamed() {
        brokenAnswersAreNamed(HOPS, world.hops(), "must_stay/hops", 100);
    }

    @Test
    void flippedAnswersOfTheSameRelationsAreNamed() {
        brokenAnswersAreNamed(COMPOSITIONS, world.compositions(), "must_stay/specificity_relation", 200);
    }

    @Test
    void driftIsNamed() {
        List<String> prompts =
                RegressionSuite.read(world.suite()).drift().orElseThrow().prompts();
        List<float[][]> base = prompts.stream()
                .map(prompt -> model.allLogits(new int[0], model.tokenizer().encode(prompt)))
                .toList();
        for (long seed = 300; seed < 300 + DRIFTS; seed++) {
            double share = 0.3;
            WeightPatch harm = unembeddingNoise(share, seed);
            while (divergence(prompts, base, harm) < 0.6) {
                share *= 1.5;
                harm = unembeddingNoise(share, seed);
            }
            assertThat(broken(run(world.suite(), 1, world.goodPatch(), written(harm, "drift" + seed))))
                    .contains("drift_kl_max");
        }
    }

    /** Moves every logit: a change of W_O alone cannot drift without bound, as norms follow it. */
    private static WeightPatch unembeddingNoise(double share, long seed) {
        return world.noise(model, List.of(good), "lm_head.weight", share, seed, Instant.EPOCH, Optional.empty());
    }

    /** Mean KL(base || with both patches) over all different contexts that the prompts hold. */
    private static double divergence(List<String> prompts, List<float[][]> base, WeightPatch harm) {
        double sum = 0;
        Set<List<Integer>> contexts = new HashSet<>();
        try (LanguageModel changed = GuardWorld.patched(model, good, harm)) {
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                int[] ids = model.tokenizer().encode(prompts.get(prompt));
                float[][] p = base.get(prompt);
                float[][] q = changed.allLogits(new int[0], ids);
                for (int at = 0; at < ids.length; at++) {
                    if (!contexts.add(Arrays.stream(ids).limit(at + 1).boxed().toList())) {
                        continue;
                    }
                    double[] before = probabilities(p[at]);
                    double[] after = probabilities(q[at]);
                    for (int i = 0; i < before.length; i++) {
                        sum += before[i] * Math.log(before[i] / after[i]);
                    }
                }
            }
        }
        return sum / contexts.size();
    }

    private static double[] probabilities(float[] logits) {
        double[] values = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            values[i] = Math.exp(logits[i]);
            sum += values[i];
        }
        for (int i = 0; i < logits.length; i++) {
            values[i] /= sum;
        }
        return values;
    }

    @Test
    void tamperedFilesAreNamed() throws IOException {
        byte[] whole = Files.readAllBytes(world.goodPatch());
        String text = new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1);
        int[] places = {
            whole.length - 1,
            whole.length - 64,
            text.indexOf("a plant of seed"),
            text.indexOf("content_digest") + 20,
            text.indexOf("base_digest") + 20,
            text.indexOf("tester")
        };
        assertThat(places).hasSize(TAMPERED);
        for (int i = 0; i < places.length; i++) {
            byte[] bytes = whole.clone();
            bytes[places[i]] ^= 1;
            Path file = Files.write(folder.resolve("tampered" + i + PatchFile.SUFFIX), bytes);
            CommandRun run = run(world.suite(), 1, file);
            assertThat(run.exitCode()).as("place %d: %s", i, run.out()).isEqualTo(2);
            assertThat(run.err()).contains(file.toString(), "patch was changed after it was made");
        }
    }

    @Test
    void patchesOfAnotherBaseAreNamedWithTheTensorThatDiffers() throws IOException {
        for (int i = 0; i < WRONG_BASES; i++) {
            Path other = Files.createDirectories(folder.resolve("other" + i));
            for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
                Files.copy(world.model().resolve(file), other.resolve(file));
            }
            Path weights = other.resolve("model.safetensors");
            byte[] bytes = Files.readAllBytes(weights);
            bytes[bytes.length - 1000 * (i + 1)] ^= 1;
            Files.write(weights, bytes);
            try (LanguageModel changed = LanguageModel.open(
                    other, modelpatch.model.LoadOptions.defaults().withThreads(1))) {
                WeightPatch foreign = world.noise(changed, List.of(), 0.1, 400 + i, Instant.EPOCH, Optional.empty());
                CommandRun run = run(world.suite(), 1, written(foreign, "foreign" + i));
                assertThat(run.exitCode()).isEqualTo(2);
                assertThat(run.err()).contains("was made for another base", foreign.shortId());
            }
        }
    }

    @Test
    void unsignedPatchesAreNamedWithTheRule() throws IOException {
        SigningKey trusted = SigningKey.generate(folder.resolve("trusted.key"), "ada");
        SigningKey stranger = SigningKey.generate(folder.resolve("stranger.key"), "eve");
        Files.copy(folder.resolve("trusted.key.pub"), folder.resolve("trusted.keys"));
        Path policy =
                Files.writeString(folder.resolve("signed.yaml"), "require_signatures: 1\ntrusted_keys: trusted.keys\n");
        Signature valid = trusted.sign(good, "ada", Signature.Role.AUTHOR, Instant.EPOCH);
        List<WeightPatch> plants = List.of(
                good,
                good.signed(List.of(stranger.sign(good, "eve", Signature.Role.AUTHOR, Instant.EPOCH))),
                good.signed(List.of(stranger.sign(good, "ada", Signature.Role.AUTHOR, Instant.EPOCH))),
                good.signed(List.of(
                        new Signature("ada", Signature.Role.APPROVER, valid.time(), valid.key(), valid.value()))),
                noise(0.01, 500).signed(List.of(valid)));
        assertThat(plants).hasSize(UNSIGNED);
        for (int i = 0; i < plants.size(); i++) {
            Path file = written(plants.get(i), "unsigned" + i);
            CommandRun run = patch(
                    "guard",
                    "run",
                    "--model",
                    world.model(),
                    "--suite",
                    world.suite(),
                    "--patch",
                    file,
                    "--policy",
                    policy);
            run.refused("require_signatures", plants.get(i).shortId(), "signed");
        }
        Path file = written(good.signed(List.of(valid)), "signed");
        patch("guard", "run", "--model", world.model(), "--suite", world.suite(), "--patch", file, "--policy", policy)
                .succeeded();
    }

    @Test
    void expiredPatchesAreNamedWithTheirDay() {
        for (int i = 0; i < EXPIRED; i++) {
            Instant end = CommandRun.CLOCK.instant().minusSeconds(i * 86_400L);
            WeightPatch old = world.noise(model, List.of(), 0.01, 600 + i, Instant.EPOCH, Optional.of(end));
            CommandRun run = run(world.suite(), 1, written(old, "old" + i));
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("refuse_expired", end.toString(), old.shortId());
        }
    }

    @Test
    void fortyCleanRunsOverSeedsAndThreadsRaiseNoAlarm() {
        int runs = 0;
        for (long seed = 700; runs < CLEAN; seed++) {
            WeightPatch small = noise(2e-3, seed);
            try (LanguageModel changed = GuardWorld.patched(model, good, small)) {
                assertThat(flipped(changed, world.hops())).isEmpty();
            }
            Path file = written(small, "small" + seed);
            for (int threads = 1; threads <= 4; threads++) {
                CommandRun patched = run(world.suite(), threads, world.goodPatch(), file);
                CommandRun unpatched = run(world.staySuite(), threads);
                assertThat(patched.succeeded().json().path("verdict").asText()).isEqualTo("passed");
                assertThat(unpatched.succeeded().json().path("broken")).isEmpty();
                runs += 2;
            }
        }
        assertThat(runs).isEqualTo(CLEAN);
    }
}
