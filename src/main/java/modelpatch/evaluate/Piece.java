package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Clock;
import modelpatch.model.LanguageModel;

/**
 * A piece of long work on one model: data alone, so that any machine that has the model can do it. JSON holds it without loss.
 *
 * @param <T> what it gives: a record, or a list of records, that JSON holds without loss
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
public interface Piece<T> {
    /** Unique among the pieces of the work. */
    String name();

    /** How what it gives is read from JSON. */
    TypeReference<T> type();

    /**
     * Does it.
     *
     * @param model stays the caller's
     * @param clock for what is timed
     */
    T on(LanguageModel model, Clock clock);
}
