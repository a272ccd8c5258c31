package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.AdvancedFilter;
import java.util.Map;
import java.util.StringJoiner;
import modelpatch.document.Json;

/** The template's {@code tojson}, in the spaces and line ends of Python's. */
final class ToJson implements AdvancedFilter {
    @Override
    public String getName() {
        return "tojson";
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, Object[] arguments, Map<String, Object> named) {
        Object indent = named.getOrDefault("indent", arguments.length > 0 ? arguments[0] : null);
        int width = indent instanceof Number number ? number.intValue() : 0;
        return text(Json.tree(value), width, "\n");
    }

    private static String text(JsonNode value, int width, String end) {
        if (!value.isContainerNode()) {
            return value.toString();
        }
        String inner = end + " ".repeat(width);
        boolean open = width > 0 && !value.isEmpty();
        StringJoiner parts = new StringJoiner(open ? "," + inner : ", ", open ? inner : "", open ? end : "");
        if (value.isObject()) {
            value.properties()
                    .forEach(one -> parts.add(Json.tree(one.getKey()) + ": " + text(one.getValue(), width, inner)));
            return "{" + parts + "}";
        }
        value.forEach(one -> parts.add(text(one, width, inner)));
        return "[" + parts + "]";
    }
}
