package modelpatch.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import modelpatch.SharedModel;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
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

/** Greedy tokens of SmolLM2-135M after a prompt, with keys and values kept: the engine, and ONNX Runtime on what was exported. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class GreedyDecodingBenchmark {
    private static final int[] NO_PREFIX = {};

    /** What decodes: the engine, or ONNX Runtime with matrices in a form, in a graph of some operators. */
    @Param({"ENGINE", "FP32 BASIC", "FP32 FUSED", "INT8 BASIC", "INT8 FUSED"})
    public String runs;

    /** Tokens before the first new one. */
    @Param({"32"})
    public int prompt;

    /** Tokens made; 1 measures the prompt alone. */
    @Param({"64"})
    public int tokens;

    @Param("1")
    public int threads;

    private AnswerModel model;
    private AutoCloseable owner;

    @Setup
    public void open() throws IOException {
        Path file = SharedModel.smolLm2();
        if (runs.equals("ENGINE")) {
            LanguageModel engine =
                    LanguageModel.open(file, LoadOptions.defaults().withThreads(threads));
            model = engine;
            owner = engine;
        } else {
            Path directory = Files.createTempDirectory("exported").resolve("onnx");
            try (Checkpoint base = Checkpoint.open(file)) {
                String[] formAndOperators = runs.split(" ");
                OnnxExport.Options options = OnnxExport.Options.defaults()
                        .withForm(WeightForm.valueOf(formAndOperators[0]))
                        .withOperators(Operators.valueOf(formAndOperators[1]));
                OnnxExport.writeUnproved(base, PatchStack.empty(), directory, options);
            }
            OnnxModel exported = OnnxModel.open(directory, threads);
            model = exported;
            owner = exported;
        }
    }

    @TearDown
    public void close() throws Exception {
        owner.close();
    }

    @Benchmark
    public List<int[]> greedy() {
        return model.generate(NO_PREFIX, List.of(IntStream.range(100, 100 + prompt).toArray()), tokens, made -> false);
    }
}
