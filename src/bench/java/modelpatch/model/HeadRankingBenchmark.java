package modelpatch.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import modelpatch.SharedModel;
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

/**
 * All heads of one case of SmolLM2-135M (30 blocks, 9 heads, a prompt of 15 tokens), resumed, beside one whole run with one head patched:
 * what a tool pays 270 times that starts every run from the prompt.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class HeadRankingBenchmark {
    private static final int[] NO_PREFIX = {};

    /** Threads of the engine. */
    @Param({"1", "2"})
    public int threads;

    private LanguageModel model;
    private int[] composition;
    private int[] guide;
    private int[] answer;

    @Setup
    public void open() {
        Path file = SharedModel.smolLm2();
        model = LanguageModel.open(file, LoadOptions.defaults().withThreads(threads));
        composition = model.tokenizer().encode("The capital of the country that Henri Lefebvre is a citizen of is");
        guide = model.tokenizer().encode("The capital of France is");
        answer = new int[] {model.tokenizer().encodeContinuation(" Paris")[0]};
    }

    @TearDown
    public void close() {
        model.close();
    }

    /** Both runs and the exact effect of every head on logit and probability. */
    @Benchmark
    public List<Readout> allHeadsResumed() {
        try (RecordedRun recipient = model.record(NO_PREFIX, composition);
                RecordedRun donor = model.record(NO_PREFIX, guide)) {
            List<List<Intervention>> sets = new ArrayList<>();
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                for (int head = 0; head < model.config().nHeads(); head++) {
                    sets.add(List.of(change(donor, new HeadAddress(layer, head))));
                }
            }
            return recipient.resume(composition.length - 1, sets, answer, true);
        }
    }

    /** One whole run with one head patched. */
    @Benchmark
    public float[] oneHeadByAWholeRun() {
        Intervention change =
                Intervention.head(new HeadAddress(13, 8), composition.length - 1, new float[model.config().dHead()]);
        return model.run(NO_PREFIX, List.of(composition), Set.of(), List.of(List.of(change)))
                .logits(0);
    }

    private Intervention change(RecordedRun donor, HeadAddress head) {
        return Intervention.head(head, composition.length - 1, donor.z(head, guide.length - 1));
    }
}
