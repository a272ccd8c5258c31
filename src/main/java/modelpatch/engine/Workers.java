package modelpatch.engine;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that do work side by side. Whoever has work does it piece by piece, and those that are free at that time help; a piece may have
 * pieces of its own. The helpers are daemons: an idle one keeps no process alive.
 */
final class Workers implements AutoCloseable {
    private final int count;
    private final Semaphore idle;
    private final ExecutorService helpers;

    /** @param count with the thread that has the work */
    Workers(int count) {
        this.count = count;
        this.idle = new Semaphore(count - 1);
        this.helpers = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "engine worker");
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
     * @throws IllegalStateException if this thread is interrupted while pieces are left: none begins any more, the interrupt stays set
     */
    void run(List<Runnable> pieces) {
        new Round(pieces).run();
    }

    /** One call's pieces. */
    private final class Round {
        private final List<Runnable> pieces;
        private final Throwable[] failures;
        private final AtomicInteger next = new AtomicInteger();
        private final Semaphore ended = new Semaphore(0);

        /** Only pieces before this one may still begin, so the first failure of all is the same for any number of threads. */
        private final AtomicInteger limit;

        Round(List<Runnable> pieces) {
            this.pieces = pieces;
            this.failures = new Throwable[pieces.size()];
            this.limit = new AtomicInteger(pieces.size());
        }

        void run() {
            int helping = 0;
            while (helping < pieces.size() - 1 && getHelp()) {
                helping++;
            }
            boolean interrupted = false;
            for (int piece = next.getAndIncrement(); piece < limit.get(); piece = next.getAndIncrement()) {
                if (Thread.currentThread().isInterrupted()) {
                    interrupted = true;
                    limit.set(0);
                } else {
                    perform(piece);
                }
            }
            ended.acquireUninterruptibly(helping);
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

        /** Whether a helper takes part from now on; without any the work is done all the same. */
        private boolean getHelp() {
            if (!idle.tryAcquire()) {
                return false;
            }
            try {
                helpers.execute(this::help);
                return true;
            } catch (RejectedExecutionException e) { // others have begun to use another number of threads
                idle.release();
                return false;
            }
        }

        private void help() {
            for (int piece = next.getAndIncrement(); piece < limit.get(); piece = next.getAndIncrement()) {
                perform(piece);
            }
            idle.release();
            ended.release();
        }

        private void perform(int piece) {
            try {
                pieces.get(piece).run();
            } catch (RuntimeException | Error e) {
                failures[piece] = e;
                limit.accumulateAndGet(piece, Math::min);
            }
        }
    }

    @Override
    public void close() {
        helpers.shutdown();
    }
}
