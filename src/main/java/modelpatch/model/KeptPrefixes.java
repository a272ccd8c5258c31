package modelpatch.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The prefixes that a model ran last, with their keys and values. Owns native memory. */
final class KeptPrefixes implements AutoCloseable {
    private static final int MOST = 4;

    private final LanguageModel model;
    /** By class and ids; the latest used stands last. */
    private final Map<List<Integer>, Prefix> kept = new LinkedHashMap<>();

    KeptPrefixes(LanguageModel model) {
        this.model = model;
    }

    /**
     * Keys and values of a prefix, computed once and kept for the next runs.
     *
     * @param lengthClass of the sequences that begin with it
     */
    Prefix get(int[] ids, int lengthClass) {
        List<Integer> key = IntStream.concat(IntStream.of(lengthClass), IntStream.of(ids))
                .boxed()
                .toList();
        Prefix known = kept.remove(key);
        if (known == null) {
            if (kept.size() >= MOST) {
                List<Integer> oldest = kept.keySet().iterator().next();
                kept.remove(oldest).close();
            }
            known = ids.length == 0
                    ? Prefix.empty(model.config())
                    : Prefix.of(model, ids, model.layout().lengthClasses().shortest(lengthClass));
        }
        kept.put(key, known);
        return known;
    }

    @Override
    public void close() {
        kept.values().forEach(Prefix::close);
        kept.clear();
    }
}
