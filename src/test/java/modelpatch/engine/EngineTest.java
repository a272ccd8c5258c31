package modelpatch.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import modelpatch.model.NextToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The facade over the tensor engine: its operations against slow, obvious ones, and the defects that it makes impossible. */
class EngineTest {

    @ParameterizedTest
    @CsvSource({
        // sequences, new, kept, prefix, heads, key-value heads, window, cap
        "1, 5, 5, 0, 4, 4, 0, 0",
        "3, 1, 6, 4, 4, 2, 0, 0",
        "2, 3, 7, 5, 6, 2, 0, 0",
        "2, 4, 6, 3, 4, 1, 4, 0",
        "1, 1, 1, 9, 4, 2, 5, 0",
        "2, 3, 3, 2, 4, 2, 0, 1.5",
        "1, 2, 9, 0, 2, 2, 3, 0.7",
    })
    void attentionIsThatOfItsDefinition(
            int sequences, int fresh, int kept, int prefix, int heads, int groups, int window, double cap) {
        int d = 4;
        SplittableRandom random = new SplittableRandom(kept * 31 + prefix);
        float[] q = noise(random, sequences * fresh * heads * d);
        float[] k = noise(random, sequences * kept * groups * d);
        float[] v = noise(random, sequences * kept * groups * d);
        float[] prefixK = noise(random, groups * prefix * d);
        float[] prefixV = noise(random, groups * prefix * d);
        double scale = 0.5;
        float[] found;
        try (Engine.Scope scope = Engine.scope()) {
            found = Engine.run(
                            "attention",
                            Engine.floats(q, (long) sequences * fresh, heads, d),
                            Engine.floats(k, sequences, kept, groups, d),
                            Engine.floats(v, sequences, kept, groups, d),
                            0L,
                            (long) sequences,
                            (long) fresh,
                            Engine.floats(prefixK, groups, prefix, d),
                            Engine.floats(prefixV, groups, prefix, d),
                            scale,
                            cap,
                            (long) window,
                            0L,
                            Engine.floats(new float[0], 0),
                            Engine.floats(new float[0], 0))
                    .toFloats();
        }
        for (int n = 0; n < sequences; n++) {
            for (int s = 0; s < fresh; s++) {
                for (int h = 0; h < heads; h++) {
                    int group = h / (heads / groups);
                    int position = prefix + kept - fresh + s;
                    double[] z = new double[d];
                    double sum = 0;
                    for (int j = 0; j <= position; j++) {
                        if (window > 0 && j <= position - window) {
                            continue;
                        }
                        double score = 0;
                        for (int i = 0; i < d; i++) {
                            float key = j < prefix
                                    ? prefixK[(group * prefix + j) * d + i]
                                    : k[((n * kept + j - prefix) * groups + group) * d + i];
                            score += q[((n * fresh + s) * heads + h) * d + i] * key;
                        }
                        score *= scale;
                        double weight = Math.exp(cap > 0 ? cap * Math.tanh(score / cap) : score);
                        sum += weight;
                        for (int i = 0; i < d; i++) {
                            float value = j < prefix
                                    ? prefixV[(group * prefix + j) * d + i]
                                    : v[((n * kept + j - prefix) * groups + group) * d + i];
                            z[i] += weight * value;
                        }
                    }
                    for (int i = 0; i < d; i++) {
                        assertThat((double) found[((n * fresh + s) * heads + h) * d + i])
                                .isCloseTo(z[i] / sum, within(1e-6));
                    }
                }
            }
        }
    }

    @Test
    void ranksAndSumsOfLogitsAreThoseOfTheirDefinitions() {
        float[] logits = {1, 3, 2, 3, -1, 0.5f};
        try (Engine.Scope scope = Engine.scope()) {
            Tensor row = Engine.floats(logits, 1, 6);
            Tensor ids = Engine.ids(new int[] {1, 3, 2, 4}).reshape(1, 4);
            long[] greater = Engine.run("greater", row, ids).toLongs();
            assertThat(greater).containsExactly(0, 0, 2, 5);
            assertThat(Engine.run("log_sum_exp", row).toDoubles()[0])
                    .isCloseTo(NextToken.logSumExp(logits), within(1e-7));
        }
    }

    @Test
    void manyPiecesOfWorkRunSideBySide() {
        Engine.useThreads(2);
        AtomicInteger done = new AtomicInteger();
        List<Runnable> pieces = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int piece = i;
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    Tensor x = Engine.floats(new float[] {piece, 1}, 2);
                    assertThat(x.times(2.0).toFloats()).containsExactly(2 * piece, 2);
                }
                done.incrementAndGet();
            });
        }
        Engine.sideBySide(pieces);
        assertThat(done.get()).isEqualTo(20);
    }

    @Test
    void aFailureIsThrownWhenNoOtherPieceRunsAnyMoreAndNoneBeginsAfterIt() throws InterruptedException {
        Engine.useThreads(2);
        LongPiece slow = new LongPiece();
        AtomicInteger later = new AtomicInteger();
        List<Runnable> pieces = new ArrayList<>();
        pieces.add(() -> {
            slow.awaitBegin();
            throw new IllegalStateException("piece 0");
        });
        pieces.add(slow);
        for (int i = 0; i < 20; i++) {
            pieces.add(later::incrementAndGet);
        }
        assertThatThrownBy(() -> Engine.sideBySide(pieces)).hasMessage("piece 0");
        assertThat(slow.running.get()).as("pieces that still run").isZero();
        Thread.sleep(50);
        assertThat(later.get()).as("pieces begun after the failure").isZero();
    }

    @Test
    void ofSeveralFailuresTheFirstPiecesIsThrownForAnyNumberOfThreads() {
        for (int threads : new int[] {1, 2, 3, 8}) {
            Engine.useThreads(threads);
            for (int round = 0; round < 50; round++) {
                List<Runnable> pieces = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    int piece = i;
                    pieces.add(() -> {
                        if (piece >= 7) {
                            throw new AssertionError("piece " + piece);
                        }
                    });
                }
                assertThatThrownBy(() -> Engine.sideBySide(pieces)).hasMessage("piece 7");
            }
        }
        Engine.useThreads(2);
    }

    @Test
    void anInterruptIsHandedOnWhenNoPieceRunsAnyMore() throws InterruptedException {
        Engine.useThreads(2);
        LongPiece slow = new LongPiece();
        AtomicInteger later = new AtomicInteger();
        List<Runnable> pieces = new ArrayList<>();
        pieces.add(slow);
        pieces.add(slow);
        pieces.add(later::incrementAndGet);
        AtomicReference<String> seen = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                Engine.sideBySide(pieces);
            } catch (IllegalStateException e) {
                seen.set(e.getMessage() + ", still running: " + slow.running.get() + ", interrupt set: "
                        + Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        slow.awaitBegin();
        caller.interrupt();
        caller.join();
        assertThat(seen.get()).isEqualTo("interrupted while workers run, still running: 0, interrupt set: true");
        Thread.sleep(50);
        assertThat(later.get()).as("pieces begun after the interrupt").isZero();
    }

    @Test
    void piecesMayHavePiecesOfTheirOwn() {
        for (int threads : new int[] {1, 2, 3}) {
            Engine.useThreads(threads);
            AtomicInteger done = new AtomicInteger();
            List<Runnable> inner = Collections.nCopies(10, done::incrementAndGet);
            Engine.sideBySide(Collections.nCopies(10, () -> Engine.sideBySide(inner)));
            assertThat(done.get()).isEqualTo(100);
        }
        Engine.useThreads(2);
    }

    @ParameterizedTest
    @CsvSource({"3, 2000, 20000, false", "700, 64, 1700, false", "700, 65, 1700, true", "1, 3, 5, true"})
    void aProductHasTheSameBitsForAnyNumberOfThreads(int rows, int inner, int columns, boolean transposed) {
        SplittableRandom random = new SplittableRandom(rows);
        float[] x = noise(random, rows * inner);
        float[] w = noise(random, columns * inner);
        float[] b = noise(random, columns);
        for (boolean biased : new boolean[] {false, true}) {
            float[] alone = null;
            for (int threads : new int[] {1, 2, 3, 5}) {
                Engine.useThreads(threads);
                float[] found;
                try (Engine.Scope scope = Engine.scope()) {
                    Tensor weight = transposed ? Engine.floats(w, inner, columns) : Engine.floats(w, columns, inner);
                    Optional<Tensor> bias = biased ? Optional.of(Engine.floats(b, columns)) : Optional.empty();
                    found = Engine.product(Engine.floats(x, rows, inner), weight, bias, transposed)
                            .toFloats();
                }
                alone = alone == null ? found : alone;
                assertThat(found).isEqualTo(alone);
            }
            for (int probe = 0; probe < 200; probe++) {
                int row = random.nextInt(rows);
                int column = random.nextInt(columns);
                double sum = biased ? b[column] : 0;
                for (int i = 0; i < inner; i++) {
                    sum += (double) x[row * inner + i] * w[transposed ? i * columns + column : column * inner + i];
                }
                assertThat((double) alone[row * columns + column]).isCloseTo(sum, within(1e-4));
            }
        }
        Engine.useThreads(2);
    }

    /** A piece that says when it begins and goes on for a while, interrupted or not. */
    private static final class LongPiece implements Runnable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final AtomicInteger running = new AtomicInteger();

        @Override
        public void run() {
            running.incrementAndGet();
            begun.countDown();
            long end = System.nanoTime() + 300_000_000;
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(1_000_000);
            }
            running.decrementAndGet();
        }

        void awaitBegin() {
            try {
                begun.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void workersThatJoinTheSameTensorsDoNotDisturbOneAnother() {
        Engine.useThreads(4);
        try (Engine.Owner owner = Engine.owner()) {
            Tensor shared = Engine.floats(owner, new float[] {1, 2}, 2);
            List<Runnable> pieces = new ArrayList<>();
            for (int piece = 0; piece < 400; piece++) {
                pieces.add(() -> {
                    try (Engine.Scope scope = Engine.scope()) {
                        assertThat(Tensor.concatenate(0, shared, shared.plus(shared))
                                        .toFloats())
                                .containsExactly(1, 2, 2, 4);
                    }
                });
            }
            Engine.sideBySide(pieces);
        }
    }

    @Test
    void gradientsSurviveGarbageCollectionBetweenForwardAndBackward() {
        float[] expected = null;
        long litter = 0;
        for (int round = 0; round < 20; round++) {
            try (Engine.Scope scope = Engine.recordingScope()) {
                Tensor x = Engine.floats(new float[] {1, 2, 3, 4}, 2, 2);
                x.requireGradient();
                Tensor y = x.times(0.5 + 1e-3)
                        .times(Engine.floats(new float[] {5, 6, 7, 8}, 2, 2))
                        .times(x);
                Tensor loss = Engine.run("sum", y);
                for (int i = 0; i < 40; i++) {
                    litter += new byte[1 << 18].length;
                }
                System.gc();
                float[] gradient = Engine.runAll("gradients", loss, new Tensor[] {x})[0].toFloats();
                expected = expected == null ? gradient : expected;
                assertThat(gradient).isEqualTo(expected);
                assertThat(gradient[3]).isCloseTo(2 * 0.501f * 8 * 4, within(1e-4f));
            }
        }
        assertThat(litter).isEqualTo(20L * 40 * (1 << 18));
    }

    @Test
    void brainFloatsAreWidenedInsideTheEngine() {
        byte[] bytes = {(byte) 0x80, 0x3f, 0x40, (byte) 0xc0}; // 1.0 and -3.0, little endian
        try (Engine.Scope scope = Engine.scope()) {
            assertThat(Engine.run("widen_bf16", Engine.bytes(bytes)).toFloats()).containsExactly(1f, -3f);
        }
    }

    @Test
    void anOperationOutsideAnyScopeIsRefused() {
        assertThatThrownBy(() -> Engine.run("add", Engine.number(1.0), Engine.number(2.0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outside any tensor scope");
    }

    @Test
    void arraysOfTheEngineAreTouchedByTheFacadeAlone() {
        noClasses()
                .that()
                .resideInAPackage("modelpatch..")
                .and()
                .doNotHaveSimpleName("Engine")
                .and()
                .doNotHaveSimpleName("Gpus")
                .and()
                .doNotHaveSimpleName("Scope")
                .and()
                .doNotHaveSimpleName("Owner")
                .and()
                .doNotHaveSimpleName("Tensor")
                .and()
                .doNotHaveSimpleName("TorchScript")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl.ndarray..", "ai.djl.pytorch..")
                .because("numbers, bfloat16 and mapped memory are safe only behind the facade")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("modelpatch"));
    }

    private static float[] noise(SplittableRandom random, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    /** An array that is made on the processor beside operands elsewhere ends the run there, and no machine without a GPU would notice. */
    @Test
    void noOperationMakesAnArrayWithoutSayingWhere() throws java.io.IOException {
        String operations =
                java.nio.file.Files.readString(java.nio.file.Path.of("src/main/resources/modelpatch/engine/ops.py"));
        java.util.regex.Matcher factories = java.util.regex.Pattern.compile(
                        "torch\\.(arange|empty|eye|full|linspace|ones|rand|randn|scalar_tensor|tensor|zeros)\\(.*")
                .matcher(operations);
        int found = 0;
        while (factories.find()) {
            assertThat(factories.group()).contains("device=ops.prim.device(");
            found++;
        }
        assertThat(found).isPositive();
    }
}
