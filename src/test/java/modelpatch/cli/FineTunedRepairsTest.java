package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.guard.GuardedCase;
import modelpatch.guard.GuardedSet;
import modelpatch.guard.RegressionSuite;
import modelpatch.model.Adapter;
import modelpatch.model.AdapterTraining;
import modelpatch.model.DecoderTraining;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A patched model that is fine-tuned afterwards: which repairs are left is said by name. The model is the one that comes with the project. */
class FineTunedRepairsTest {
    private static final Path MODEL = Path.of("models", "default");
    private static final Path EXAMPLE = Path.of("patches", "example");
    private static final LoadOptions OPTIONS = LoadOptions.defaults().withThreads(1);

    @TempDir
    Path folder;

    @Test
    void watchNamesTheRepairsThatAFineTuneLeftAndThoseThatItTook() throws IOException {
        RegressionSuite suite = RegressionSuite.read(EXAMPLE.resolve("suite.yaml"));
        Map<String, GuardedCase> repairs = new TreeMap<>();
        suite.sets().stream()
                .filter(set -> set.must() == GuardedSet.Must.CHANGE)
                .forEach(set ->
                        set.cases().forEach(one -> repairs.put("must_change/" + set.name() + ": " + one.id(), one)));
        Path models = Files.createDirectories(folder.resolve("models"));
        Path merged = models.resolve("1-merged");
        try (Checkpoint base = Checkpoint.open(MODEL)) {
            write(base, PatchStack.read(List.of(example())).weights(base), merged);
        }
        CommandRun whole = watch(models);
        assertThat(names(whole, 0, "repaired"))
                .as("before the fine-tune")
                .containsExactlyInAnyOrderElementsOf(repairs.keySet());
        assertThat(names(whole, 0, "lost")).isEmpty();

        GuardedCase forgotten = repairs.values().iterator().next();
        List<String> surviving;
        try (LanguageModel patched = LanguageModel.open(merged, OPTIONS)) {
            Adapter adapter = fineTuned(patched, forgotten, suite);
            Map<String, float[]> tuned = merged(patched, adapter);
            write(patched.checkpoint(), tuned, models.resolve("2-tuned"));
            try (LanguageModel model = patched.with(tuned)) {
                surviving = repairs.keySet().stream()
                        .filter(name -> saysIt(model, repairs.get(name)))
                        .toList();
            }
        }
        assertThat(surviving).as("some, not all").isNotEmpty().hasSizeLessThan(repairs.size());

        CommandRun after = watch(models);
        assertThat(names(after, 1, "repaired")).containsExactlyInAnyOrderElementsOf(surviving);
        List<String> lost = new ArrayList<>(repairs.keySet());
        lost.removeAll(surviving);
        assertThat(names(after, 1, "lost")).containsExactlyInAnyOrderElementsOf(lost);
        assertThat(after.exitCode()).isEqualTo(1);
    }

    private static Path example() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLE)) {
            return files.filter(path -> path.toString().endsWith(PatchFile.SUFFIX))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private CommandRun watch(Path models) {
        return patch(
                "guard",
                "watch",
                "--models",
                models,
                "--base",
                MODEL,
                "--suite",
                EXAMPLE.resolve("suite.yaml"),
                "--history",
                folder.resolve("history.jsonl"),
                "--threads",
                "1",
                "--json");
    }

    private static List<String> names(CommandRun run, int index, String field) {
        JsonNode names = run.json().at("/latest/" + index + "/" + field);
        return StreamSupport.stream(names.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** LoRA of rank 4 beside every linear layer, on facts that the model is asked to tell and on one repair's old answer. */
    private static Adapter fineTuned(LanguageModel model, GuardedCase forgotten, RegressionSuite suite) {
        List<AdapterTraining.Sequence> lessons = new ArrayList<>();
        lessons.add(lesson(model, forgotten.prompt(), " " + forgotten.before().orElseThrow()));
        suite.drift().orElseThrow().prompts().stream().limit(7).forEach(fact -> lessons.add(lesson(model, fact, "")));
        Adapter start = Adapter.beginning(model.layout(), linear -> true, 4, 8, new Random(7));
        DecoderTraining.Optimizer optimizer = new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, 1);
        try (AdapterTraining training = new AdapterTraining(model, start, optimizer, 1)) {
            for (int step = 0; step < 40; step++) {
                training.step(lessons, 3e-3);
            }
            return training.adapter();
        }
    }

    /** A text of which the continuation is to be learned; without one, all of it. */
    private static AdapterTraining.Sequence lesson(LanguageModel model, String prompt, String continuation) {
        int[] before = model.tokenizer().encode(prompt);
        int[] after = continuation.isEmpty() ? new int[0] : model.tokenizer().encodeContinuation(continuation);
        int[] ids = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, ids, before.length, after.length);
        float[] importance = new float[ids.length];
        Arrays.fill(importance, after.length == 0 ? 1 : before.length, ids.length, 1);
        return new AdapterTraining.Sequence(ids, importance);
    }

    /** W + (alpha / r) B A for every weight with factors. */
    private static Map<String, float[]> merged(LanguageModel model, Adapter adapter) {
        Map<String, float[]> weights = new TreeMap<>();
        adapter.factors().forEach((name, one) -> {
            float[] weight = model.weight(name).clone();
            boolean transposed = model.checkpoint().tensor(name).shape().get(0) != one.dOut();
            assertThat(transposed).as("rows of %s are outputs", name).isFalse();
            for (int out = 0; out < one.dOut(); out++) {
                for (int in = 0; in < one.dIn(); in++) {
                    double sum = 0;
                    for (int r = 0; r < adapter.rank(); r++) {
                        sum += one.b()[out * adapter.rank() + r] * one.a()[r * one.dIn() + in];
                    }
                    weight[out * one.dIn() + in] += (float) (adapter.scale() * sum);
                }
            }
            weights.put(name, weight);
        });
        return weights;
    }

    private static void write(Checkpoint base, Map<String, float[]> changed, Path target) throws IOException {
        Files.createDirectories(target);
        for (String file : List.of("config.json", "tokenizer.json")) {
            Files.copy(MODEL.resolve(file), target.resolve(file));
        }
        List<OutgoingTensor> tensors = new ArrayList<>();
        for (TensorInfo info : base.tensors().values()) {
            float[] values = changed.get(info.name());
            tensors.add(
                    values == null
                            ? OutgoingTensor.stored(base, info.name())
                            : OutgoingTensor.float32(info.name(), info.shape(), values));
        }
        SafetensorsWriter.write(target.resolve("model.safetensors"), Map.of(), tensors);
    }

    /** Greedy, by the argmax of plain logits: whether the first words are one of the answers. */
    private static boolean saysIt(LanguageModel model, GuardedCase one) {
        int[] ids = model.tokenizer().encode(one.prompt());
        int begin = ids.length;
        for (int i = 0; i < 8; i++) {
            float[] logits = model.nextLogits(new int[0], List.of(ids)).get(0);
            int top = 0;
            for (int id = 1; id < logits.length; id++) {
                top = logits[id] > logits[top] ? id : top;
            }
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = top;
        }
        String said = model.tokenizer()
                .decode(Arrays.copyOfRange(ids, begin, ids.length))
                .strip();
        return one.answers().stream().anyMatch(said::startsWith);
    }
}
