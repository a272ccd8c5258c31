package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.document.Json;

/** The JSON text in which a patch file says what it is. Fields may be added within a format version, not changed. */
final class Manifest {
    private final String file;
    private final String text;
    private final JsonNode root;

    private Manifest(String file, String text, JsonNode root) {
        this.file = file;
        this.text = text;
        this.root = root;
    }

    static String write(
            String baseName,
            String baseDigest,
            Optional<BaseReading> reading,
            List<EditedTensor> tensors,
            List<String> parents,
            Provenance provenance) {
        ObjectNode root = Json.object();
        root.put("method", provenance.method());
        ObjectNode base = root.putObject("base").put("name", baseName).put("digest", baseDigest);
        reading.ifPresent(said -> {
            ObjectNode read = base.putObject("reading").put("form", said.form());
            said.computation().ifPresent(digest -> read.put("computation", digest));
            said.tokenizer().ifPresent(digest -> read.put("tokenizer", digest));
        });
        ArrayNode list = root.putArray("tensors");
        for (EditedTensor tensor : tensors) {
            ObjectNode entry = list.addObject().put("name", tensor.name());
            tensor.shape().forEach(entry.putArray("shape")::add);
            entry.put("orientation", tensor.orientation().name().toLowerCase(Locale.ROOT));
            entry.put("kind", tensor.kind());
            entry.put("base_digest", tensor.baseDigest()).put("result_digest", tensor.resultDigest());
        }
        parents.forEach(root.putArray("parents")::add);
        provenance.cases().forEach(root.putArray("cases")::add);
        root.put("seed", provenance.seed());
        root.put("author", provenance.author());
        root.put("reason", provenance.reason());
        root.put("time", provenance.time().toString());
        provenance.approver().ifPresent(approver -> root.put("approver", approver));
        provenance.expires().ifPresent(expires -> root.put("expires", expires.toString()));
        root.put("verdict", provenance.verdict().name().toLowerCase(Locale.ROOT));
        root.set("configuration", provenance.configuration());
        root.set("evidence", provenance.evidence());
        return root.toString();
    }

    /**
     * Parses a manifest.
     *
     * @param file for messages
     */
    static Manifest parse(String text, String file) {
        JsonNode root = Json.parse(text, "manifest of " + file);
        if (!root.isObject()) {
            throw BadInput.of(file, "its manifest is no JSON object; the file is damaged");
        }
        return new Manifest(file, text, root);
    }

    WeightPatch patch(List<TensorDelta> deltas) {
        JsonNode base = field(root, "base");
        Provenance provenance = new Provenance(
                text(root, "method"),
                field(root, "configuration"),
                field(root, "seed").asLong(),
                texts("cases"),
                field(root, "evidence"),
                constant(GateVerdict.class, text(root, "verdict"), "verdict"),
                text(root, "author"),
                text(root, "reason"),
                time("time"),
                root.has("approver") ? Optional.of(text(root, "approver")) : Optional.empty(),
                root.has("expires") ? Optional.of(time("expires")) : Optional.empty());
        return new WeightPatch(
                text(base, "name"),
                text(base, "digest"),
                reading(base),
                tensors(),
                deltas,
                texts("parents"),
                provenance,
                text);
    }

    private static Optional<BaseReading> reading(JsonNode base) {
        JsonNode said = base.path("reading");
        return said.isObject()
                ? Optional.of(new BaseReading(
                        said.path("form").asInt(),
                        Optional.ofNullable(said.path("computation").textValue()),
                        Optional.ofNullable(said.path("tokenizer").textValue())))
                : Optional.empty();
    }

    List<EditedTensor> tensors() {
        List<EditedTensor> tensors = new ArrayList<>();
        for (JsonNode entry : field(root, "tensors")) {
            List<Long> shape = new ArrayList<>();
            field(entry, "shape").forEach(dimension -> shape.add(dimension.asLong()));
            if (shape.size() != 2 || shape.stream().anyMatch(size -> size < 1 || size > Integer.MAX_VALUE)) {
                throw wrong("shape of " + text(entry, "name"), "two positive sizes", shape.toString());
            }
            tensors.add(new EditedTensor(
                    text(entry, "name"),
                    shape,
                    constant(Orientation.class, text(entry, "orientation"), "orientation"),
                    text(entry, "kind"),
                    text(entry, "base_digest"),
                    text(entry, "result_digest")));
        }
        return tensors;
    }

    private <E extends Enum<E>> E constant(Class<E> type, String name, String field) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(name)) {
                return constant;
            }
        }
        String known = Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
        throw wrong(field, "one of " + known, name);
    }

    private Instant time(String field) {
        String time = text(root, field);
        try {
            return Instant.parse(time);
        } catch (DateTimeException e) {
            throw wrong(field, "a time like 2026-01-31T12:00:00Z", time).causedBy(e);
        }
    }

    private List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode node : field(root, name)) {
            texts.add(node.asText());
        }
        return texts;
    }

    private String text(JsonNode object, String name) {
        JsonNode node = field(object, name);
        if (!node.isTextual()) {
            throw wrong(name, "a text", node.getNodeType().toString());
        }
        return node.asText();
    }

    private JsonNode field(JsonNode object, String name) {
        JsonNode node = object.get(name);
        if (node == null) {
            throw wrong(name, "the field", "none");
        }
        return node;
    }

    private BadInput wrong(String field, String expected, String found) {
        return new BadInput(
                "manifest is not that of a patch", file + " field " + field, expected, found, "make the patch again");
    }
}
