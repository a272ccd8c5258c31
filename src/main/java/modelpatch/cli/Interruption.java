package modelpatch.cli;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import modelpatch.evaluate.Stopped;

/**
 * Ctrl-C, as a question that a working command asks between two steps. A command that keeps partial results opens a
 * {@link #keepingPartialResults() scope}; while it is open, the end of the process waits for the command to reach its next
 * {@link #check()}, where {@link Stopped} is thrown, and to write what it has. Without such a scope the process ends at once.
 */
final class Interruption {
    /** The exit code of a process that ended by Ctrl-C: 128 plus the number of SIGINT. */
    static final int EXIT_CODE = 130;

    private static final long GRACE_SECONDS = 120;

    private final AtomicBoolean requested = new AtomicBoolean();
    private final AtomicBoolean keeping = new AtomicBoolean();
    private final AtomicReference<String> lastWord = new AtomicReference<>();
    private final CountDownLatch commandEnded = new CountDownLatch(1);

    /** Listens to the end of this process; for the one instance that belongs to it. */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "interruption"));
    }

    private void stopAndWait() {
        Optional.ofNullable(lastWord.get()).ifPresent(System.err::println);
        boolean somethingToKeep = keeping.get();
        request();
        try {
            if (somethingToKeep && !commandEnded.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("gave up waiting for the partial results after " + GRACE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What Ctrl-C does: the next {@link #check()} throws. */
    void request() {
        requested.set(true);
    }

    /** Called between two steps of work. */
    void check() {
        if (requested.get()) {
            throw new Stopped();
        }
    }

    /** The command has printed its last word; an ending process need not wait any longer. */
    void commandEnded() {
        commandEnded.countDown();
    }

    /** The scope in which the command promises to answer {@link Stopped} by writing what it has. */
    Scope keepingPartialResults() {
        keeping.set(true);
        return () -> keeping.set(false);
    }

    /** The scope in which a process that ends before its time says this. */
    Scope saying(String word) {
        lastWord.set(word);
        return () -> lastWord.set(null);
    }

    /** See {@link #keepingPartialResults()}. */
    interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
