package modelpatch.junit;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import modelpatch.evaluate.Progress;
import modelpatch.guard.OpenTarget;
import modelpatch.guard.SuiteResult;
import modelpatch.guard.SuiteRunner;

/**
 * One model of a test run. A model serves one thread at a time, so it lives on a thread of its own: tests may run in parallel, whoever comes
 * first has a suite run, all others wait for the same result.
 */
final class SharedModel implements AutoCloseable {
    private final Key key;
    private final ExecutorService owner = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "model under test");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<Path, Future<SuiteResult>> results = new ConcurrentHashMap<>();
    private OpenTarget opened;

    SharedModel(Key key) {
        this.key = key;
    }

    /**
     * What makes two classes share a model.
     *
     * @param base null for none
     * @param policy null for the defaults
     */
    record Key(Path model, List<Path> patches, Path base, Path policy, int threads) {}

    /** The result of a suite on this model; the suite is run when it is first asked for. */
    SuiteResult result(Path suite) {
        Future<SuiteResult> result =
                results.computeIfAbsent(suite.toAbsolutePath().normalize(), missing -> owner.submit(() -> run(suite)));
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a suite ran", e);
        }
    }

    private SuiteResult run(Path suite) {
        if (opened == null) {
            int threads = key.threads() == 0 ? Runtime.getRuntime().availableProcessors() : key.threads();
            opened = OpenTarget.open(
                    key.model(),
                    key.patches(),
                    key.base(),
                    key.policy(),
                    threads,
                    Clock.systemUTC().instant());
        }
        return new SuiteRunner(Clock.systemUTC(), Progress.UNWATCHED)
                .run(modelpatch.guard.RegressionSuite.read(suite), opened.target());
    }

    @Override
    public void close() throws Exception {
        owner.submit(() -> {
                    if (opened != null) {
                        opened.close();
                    }
                    return null;
                })
                .get();
        owner.shutdown();
    }
}
