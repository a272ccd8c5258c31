package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** The tokens that begin a text, end it and fill it up, as far as anybody says; several may end one. */
record TokenIds(OptionalInt bos, List<Integer> eos, OptionalInt pad) {
    static final List<String> ROLES = List.of("bos", "eos", "pad");

    TokenIds {
        eos = List.copyOf(eos);
    }

    /** @param stated what is said of one of the {@link #ROLES}: an id, a list of them, or nothing */
    static TokenIds of(Function<String, JsonNode> stated) {
        return new TokenIds(first(stated.apply("bos")), all(stated.apply("eos")), first(stated.apply("pad")));
    }

    private static OptionalInt first(JsonNode stated) {
        return all(stated).stream().mapToInt(id -> id).findFirst();
    }

    private static List<Integer> all(JsonNode stated) {
        List<Integer> ids = new ArrayList<>();
        Iterable<JsonNode> each = stated.isArray() ? stated : List.of(stated);
        for (JsonNode id : each) {
            if (id.canConvertToInt() && id.asInt() >= 0) {
                ids.add(id.asInt());
            }
        }
        return ids;
    }
}
