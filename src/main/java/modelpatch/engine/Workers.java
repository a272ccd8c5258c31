package modelpatch.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that run the engine side by side, each with one thread of its own. They are daemons: an idle one keeps no process alive. */
final class Workers implements AutoCloseable {
    private final int count;
    private final ExecutorService threads;

    /** @param beginning what each thread does first */
    Workers(int count, Runnable beginning) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(
                    () -> {
                        beginning.run();
                        work.run();
                    },
                    "engine worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    int count() {
        return count;
    }

    /** Returns when all pieces are done; what one of them throws is thrown here, when no other runs any more. */
    void run(List<Runnable> pieces) {
        if (count == 1 || pieces.size() < 2) {
            pieces.forEach(Runnable::run);
            return;
        }
        List<Future<?>> running = new ArrayList<>();
        pieces.forEach(piece -> running.add(threads.submit(piece)));
        Throwable failure = null;
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                failure = failure == null ? e.getCause() : failure;
                running.forEach(other -> other.cancel(false));
            } catch (CancellationException e) {
                // it had not begun when another one failed
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while workers run", e);
            }
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
