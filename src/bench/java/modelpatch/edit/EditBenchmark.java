package modelpatch.edit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import modelpatch.SharedModel;
import modelpatch.evaluate.Progress;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.TensorDelta;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One CREME edit of SmolLM2-135M, from texts to weight changes: keys and values averaged over contexts, W_O of five blocks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class EditBenchmark {
    private static final int[] NO_PREFIX = {};
    private static final List<Integer> LAYERS = List.of(20, 21, 22, 23, 24);

    /** Threads of the engine. */
    @Param({"1", "2"})
    public int threads;

    private LanguageModel model;
    private List<String> contexts;

    @Setup
    public void open() throws IOException {
        Path file = SharedModel.smolLm2();
        model = LanguageModel.open(file, LoadOptions.defaults().withThreads(threads));
        contexts = Files.readAllLines(Path.of("configs/contexts.txt")).stream()
                .filter(line -> line.contains("{}"))
                .toList();
    }

    @TearDown
    public void close() {
        model.close();
    }

    @Benchmark
    public List<TensorDelta> cremePaper() {
        Map<Role, List<int[]>> prompts = Map.of(
                Role.EDIT, prompts("The capital of the country that Henri Lefebvre is a citizen of is"),
                Role.GUIDE, prompts("The capital of France is"));
        EditPlan plan = EditPlan.of(Method.CREME_PAPER, LAYERS);
        EditRequest request = new EditRequest(
                model,
                new EditPrompts.Encoded(NO_PREFIX, prompts),
                new int[contexts.size()],
                plan,
                none -> {
                    throw new IllegalStateException("creme-paper has C = I");
                },
                new BankKeys(model, plan.matrix()),
                Progress.UNWATCHED);
        return Edit.of(plan, plan.method().editor().edit(request), model).deltas();
    }

    private List<int[]> prompts(String text) {
        return contexts.stream()
                .map(context -> model.tokenizer().encode(context.replace("{}", text)))
                .toList();
    }
}
