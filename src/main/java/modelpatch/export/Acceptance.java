package modelpatch.export;

import java.util.List;
import java.util.Map;

/** What an exported model must pass beside the comparison with the engine, such as regression suites. */
@FunctionalInterface
public interface Acceptance {
    /** Nothing else is asked. */
    Acceptance NONE = written -> Map.of();

    /**
     * Tries a model that was written and is not in place yet.
     *
     * @return what was broken, by the name of what was tried; an empty list where nothing was
     */
    Map<String, List<String>> broken(OnnxModel written);
}
