package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.document.Json;

/** How signatures stand in a patch file: a JSON array under the metadata key {@code signatures}. */
final class SignatureText {
    static final String KEY = "signatures";

    private SignatureText() {}

    static String write(List<Signature> signatures) {
        ArrayNode list = Json.array();
        for (Signature one : signatures) {
            list.addObject()
                    .put("signer", one.signer())
                    .put("role", one.role().key())
                    .put("time", one.time().toString())
                    .put("key", one.key())
                    .put("value", one.value());
        }
        return list.toString();
    }

    static List<Signature> parse(String text, String file) {
        List<Signature> signatures = new ArrayList<>();
        try {
            JsonNode list = Json.parse(text, "signatures of " + file);
            if (!list.isArray()) {
                throw damaged(file, "no JSON array");
            }
            for (JsonNode one : list) {
                signatures.add(new Signature(
                        text(one, "signer", file),
                        role(text(one, "role", file), file),
                        Instant.parse(text(one, "time", file)),
                        text(one, "key", file),
                        text(one, "value", file)));
            }
        } catch (DateTimeException e) {
            throw damaged(file, "another form of time").causedBy(e);
        }
        return signatures;
    }

    private static Signature.Role role(String name, String file) {
        for (Signature.Role role : Signature.Role.values()) {
            if (role.key().equals(name)) {
                return role;
            }
        }
        throw damaged(file, "role '" + name + "'");
    }

    private static String text(JsonNode object, String field, String file) {
        JsonNode node = object.path(field);
        if (!node.isTextual()) {
            throw damaged(file, "no " + field);
        }
        return node.asText();
    }

    private static BadInput damaged(String file, String found) {
        return new BadInput(
                "signatures are damaged",
                file + " metadata " + KEY,
                "a list of signer, role, time, key and value",
                found,
                "get the patch again from where it was signed");
    }
}
