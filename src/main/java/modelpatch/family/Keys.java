package modelpatch.family;

import com.fasterxml.jackson.databind.JsonNode;

/** Keys of a configuration as the table writes them: a dot leads into an object. */
public final class Keys {
    private Keys() {}

    /** The value under a key; missing where there is none. */
    public static JsonNode at(JsonNode config, String key) {
        JsonNode value = config;
        for (String part : key.split("\\.")) {
            value = value.path(part);
        }
        return value;
    }
}
