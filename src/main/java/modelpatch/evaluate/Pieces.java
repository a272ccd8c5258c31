package modelpatch.evaluate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Pieces of a long work, each of which follows from the work alone: what a piece gave may be kept, so that the same work goes on where it was
 * ended. Borders of pieces depend on what is asked and on nothing that the machine does.
 */
public interface Pieces {
    /** Nothing is kept. */
    Pieces UNKEPT = new Pieces() {
        @Override
        public <T> T of(String name, TypeReference<T> type, Supplier<T> work) {
            return work.get();
        }
    };

    /**
     * What a piece gave, or gives now.
     *
     * @param name unique among the pieces of the work
     * @param type a record, or a list of records, that JSON holds without loss
     */
    <T> T of(String name, TypeReference<T> type, Supplier<T> work);

    /**
     * Says which pieces will be asked for next. Whoever has others to help has them done, side by side, before this returns; without help
     * nothing happens and each is done in its turn.
     *
     * @param pieces made as they are looked at; not looked at without help
     */
    default void ahead(Stream<? extends Piece<?>> pieces) {}
}
