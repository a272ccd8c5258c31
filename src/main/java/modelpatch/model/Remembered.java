package modelpatch.model;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Values by their keys, up to a number of bytes: the least lately used give way, and what they were can be made again. */
public final class Remembered<K, V> {
    private final ToLongFunction<V> size;
    private final long most;
    /** The latest used stands last. */
    private final LinkedHashMap<K, V> values = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /**
     * Nothing yet.
     *
     * @param most bytes
     * @param size of a value, in bytes
     */
    public Remembered(long most, ToLongFunction<V> size) {
        this.most = most;
        this.size = size;
    }

    /** Whether so many bytes could be kept at all. */
    public boolean fits(long more) {
        return more <= most;
    }

    public boolean has(K key) {
        return values.containsKey(key);
    }

    public Optional<V> get(K key) {
        return Optional.ofNullable(values.get(key));
    }

    /** Keeps a value, unless it alone is too much. */
    public void put(K key, V value) {
        if (!fits(size.applyAsLong(value))) {
            return;
        }
        V before = values.put(key, value);
        bytes += size.applyAsLong(value) - (before == null ? 0 : size.applyAsLong(before));
        Iterator<V> oldest = values.values().iterator();
        while (bytes > most) {
            bytes -= size.applyAsLong(oldest.next());
            oldest.remove();
        }
    }
}
