package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import modelpatch.model.LanguageModel;

/** Where any machine finds the model of some work, and how it opens it: data alone, which JSON holds without loss. */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
public interface Replica {
    /**
     * Opens the model.
     *
     * @param threads of the engine; what it gives does not depend on them
     * @throws modelpatch.BadInput where it is not there, or is another one
     */
    Opened open(int threads);

    /** Bytes that the open model needs beside the Java heap. */
    long memory();

    /** A model that is open. */
    interface Opened extends AutoCloseable {
        LanguageModel model();

        @Override
        void close();
    }
}
