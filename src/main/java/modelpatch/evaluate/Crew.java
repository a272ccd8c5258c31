package modelpatch.evaluate;

import java.util.List;
import java.util.function.BiConsumer;

/** Machines that do pieces of the work on one model. Closing it sends them home. */
public interface Crew extends AutoCloseable {
    /**
     * Has pieces done, side by side and in any order, and waits for them.
     *
     * @param done is handed each piece with what it gave, as JSON, on the calling thread
     * @param onlooker hears what happens to the machines; asked several times a second whether to go on
     * @throws modelpatch.BadInput what a piece met, as it would be met here; or a machine without the model
     * @throws Stopped where the onlooker ends the work; what is being done is given up
     */
    void work(List<? extends Piece<?>> pieces, Onlooker onlooker, BiConsumer<Piece<?>, byte[]> done);

    @Override
    void close();
}
