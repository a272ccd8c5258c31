package modelpatch.engine;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

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

    /**
     * Does all pieces. However this ends, none of them runs any more: callers free what the pieces use.
     *
     * @throws RuntimeException or Error, what the first piece (in their order) that fails throws; none after it begins any more
     * @throws IllegalStateException if this thread is interrupted: no further piece begins, and the interrupt stays set
     */
    void run(List<Runnable> pieces) {
        if (count == 1 || pieces.size() < 2) {
            pieces.forEach(Runnable::run);
            return;
        }
        new Round(pieces).run();
    }

    /** One call's pieces. */
    private final class Round {
        private final List<Runnable> pieces;
        private final Throwable[] failures;
        private final CountDownLatch unfinished;

        /** Only pieces before this one may still begin, so the first failure of all is the same for any number of threads. */
        private final AtomicInteger limit;

        Round(List<Runnable> pieces) {
            this.pieces = pieces;
            this.failures = new Throwable[pieces.size()];
            this.unfinished = new CountDownLatch(pieces.size());
            this.limit = new AtomicInteger(pieces.size());
        }

        void run() {
            for (int index = 0; index < pieces.size(); index++) {
                int piece = index;
                try {
                    threads.execute(() -> end(piece, attempt(piece)));
                } catch (RuntimeException | Error e) { // no thread could be had, so this piece will never begin
                    end(piece, e);
                }
            }
            boolean interrupted = await();
            for (Throwable failure : failures) {
                if (failure instanceof RuntimeException unchecked) {
                    throw unchecked;
                }
                if (failure instanceof Error error) {
                    throw error;
                }
            }
            if (interrupted) {
                throw new IllegalStateException("interrupted while workers run");
            }
        }

        /** Runs one piece where it may still begin; returns what it throws, else null. */
        private Throwable attempt(int piece) {
            try {
                if (piece < limit.get()) {
                    pieces.get(piece).run();
                }
                return null;
            } catch (RuntimeException | Error e) {
                return e;
            }
        }

        private void end(int piece, Throwable failure) {
            if (failure != null) {
                failures[piece] = failure;
                limit.accumulateAndGet(piece, Math::min);
            }
            unfinished.countDown();
        }

        /** Waits until no piece runs and none can begin; returns whether this thread was interrupted, and leaves it so. */
        private boolean await() {
            boolean interrupted = false;
            while (true) {
                try {
                    unfinished.await();
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                    return interrupted;
                } catch (InterruptedException e) {
                    interrupted = true;
                    limit.set(0);
                }
            }
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
