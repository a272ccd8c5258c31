package modelpatch.model;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import modelpatch.SharedModel;
import modelpatch.model.AdapterTraining.Sequence;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One AdamW step of an adapter beside SmolLM2-135M: rank 8 on all linear layers of its 30 blocks, 250 tokens, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class AdapterStepBenchmark {
    private static final int TOKENS = 250;

    private LanguageModel model;
    private AdapterTraining training;
    private List<Sequence> batch;

    @Setup
    public void open() {
        model = LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults().withThreads(1));
        SplittableRandom random = new SplittableRandom(1);
        Adapter start = Adapter.beginning(model.layout(), linear -> true, 8, 16, random);
        training = new AdapterTraining(model, start, new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, 1), 1);
        int[] ids = random.ints(TOKENS, 0, 20_000).toArray();
        float[] importance = new float[TOKENS];
        for (int t = 11; t < TOKENS; t += 12) {
            importance[t] = 1; // an answer a sentence
        }
        batch = List.of(new Sequence(ids, importance));
    }

    @TearDown
    public void close() {
        training.close();
        model.close();
    }

    /** Forward, backward and update. */
    @Benchmark
    public double step() {
        return training.step(batch, 1e-4);
    }
}
