package modelpatch.evaluate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Keeps what it lets through, counts it, and dies before one piece, as a killed process would. */
public final class DyingPieces implements Pieces {
    private final KeptPieces kept;
    private final int last;
    private final List<String> done = new ArrayList<>();

    /** @param last how many pieces are done before it dies */
    public DyingPieces(KeptPieces kept, int last) {
        this.kept = kept;
        this.last = last;
    }

    /** The death. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Names of the pieces that were done, in their order. */
    public List<String> done() {
        return done;
    }

    @Override
    public <T> T of(String name, TypeReference<T> type, Supplier<T> work) {
        return kept.of(name, type, () -> {
            if (done.size() == last) {
                throw new Killed();
            }
            done.add(name);
            return work.get();
        });
    }
}
