package modelpatch.checkpoint;

import java.io.IOException;

/** Writes to something that may fail. */
@FunctionalInterface
public interface IoConsumer<T> {
    void accept(T target) throws IOException;
}
