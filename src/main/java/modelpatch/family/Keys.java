package modelpatch.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Keys of a configuration as the table writes them: a dot leads into an object. */
public final class Keys {
    private Keys() {}

    /** The value under a key; missing where there is none. */
    public static JsonNode at(JsonNode config, String key) {
        JsonNode value = config;
        int from = 0;
        for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', from)) {
            value = value.path(key.substring(from, dot));
            from = dot + 1;
        }
        return value.path(key.substring(from));
    }

    /**
     * Puts a value under a key.
     *
     * @param config modified
     */
    public static void put(ObjectNode config, String key, JsonNode value) {
        ObjectNode holder = config;
        int from = 0;
        for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', from)) {
            holder = holder.withObject("/" + key.substring(from, dot));
            from = dot + 1;
        }
        holder.set(key.substring(from), value);
    }

    /** The part before the first dot. */
    public static String outermost(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }
}
