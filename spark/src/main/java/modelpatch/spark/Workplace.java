package modelpatch.spark;

import java.util.ArrayDeque;
import java.util.Deque;
import modelpatch.BadInput;
import modelpatch.NativeLibraries;
import modelpatch.evaluate.Replica;
import modelpatch.model.LanguageModel;

/**
 * The models that this Java machine holds open between tasks: one for each task that runs at once, as a model serves one thread. An executor
 * of one core has one.
 */
final class Workplace {
    private static final Deque<Replica.Opened> FREE = new ArrayDeque<>();
    private static Replica current;

    private Workplace() {}

    /** A model that nobody else uses until it is closed. */
    record Seat(Replica replica, Replica.Opened opened) implements AutoCloseable {
        LanguageModel model() {
            return opened.model();
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** The model cannot be opened on this node. */
    static final class NoModel extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient BadInput bad;

        NoModel(BadInput bad) {
            super(bad);
            this.bad = bad;
        }

        BadInput bad() {
            return bad;
        }
    }

    /** @param threads of the engine, the same for all */
    static Seat take(Replica replica, int threads) {
        synchronized (FREE) {
            if (!replica.equals(current)) {
                clear();
                current = replica;
            }
            if (!FREE.isEmpty()) {
                return new Seat(replica, FREE.pop());
            }
        }
        NativeLibraries.locate();
        try {
            return new Seat(replica, replica.open(threads));
        } catch (BadInput e) {
            throw new NoModel(e);
        }
    }

    private static void leave(Seat seat) {
        synchronized (FREE) {
            if (seat.replica().equals(current)) {
                FREE.push(seat.opened());
                return;
            }
        }
        seat.opened().close();
    }

    /** Closes what nobody uses; what is in use is closed when its task ends. */
    static void clear() {
        synchronized (FREE) {
            current = null;
            FREE.forEach(Replica.Opened::close);
            FREE.clear();
        }
    }
}
