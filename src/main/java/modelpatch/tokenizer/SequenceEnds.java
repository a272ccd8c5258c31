package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import modelpatch.BadInput;

/**
 * The tokens that a tokenizer.json puts at the ends of every sequence, where they are at most one at each end.
 *
 * @param first the id of the token that begins a sequence
 * @param last the id of the one that ends it
 */
record SequenceEnds(OptionalInt first, OptionalInt last) {
    /** @throws BadInput for a post-processor that does something else */
    static SequenceEnds of(JsonNode processor, String where) {
        List<JsonNode> templates = new ArrayList<>();
        for (JsonNode step : processor.has("processors") ? processor.path("processors") : List.of(processor)) {
            String type = step.path("type").asText();
            if (type.equals("TemplateProcessing")) {
                templates.add(step);
            } else if (!step.isNull() && !step.isMissingNode() && !type.equals("ByteLevel")) {
                throw refuse(where, type);
            }
        }
        if (templates.isEmpty()) {
            return new SequenceEnds(OptionalInt.empty(), OptionalInt.empty());
        }
        JsonNode template = templates.get(0);
        JsonNode pieces = template.path("single");
        int text = 0;
        while (text < pieces.size() && !pieces.get(text).has("Sequence")) {
            text++;
        }
        if (templates.size() > 1 || text > 1 || pieces.size() - text > 2 || text == pieces.size()) {
            throw refuse(where, pieces.toString());
        }
        OptionalInt first = text == 0 ? OptionalInt.empty() : id(pieces.get(0), template, where);
        OptionalInt last = text == pieces.size() - 1 ? OptionalInt.empty() : id(pieces.get(text + 1), template, where);
        return new SequenceEnds(first, last);
    }

    /** The ids that a post-processor of any kind puts behind a text, in their order. */
    static List<Integer> closing(JsonNode processor) {
        List<Integer> ids = new ArrayList<>();
        processor.path("processors").forEach(step -> ids.addAll(closing(step)));
        boolean behind = false;
        for (JsonNode piece : processor.path("single")) {
            if (behind) {
                processor
                        .path("special_tokens")
                        .path(piece.at("/SpecialToken/id").asText())
                        .path("ids")
                        .forEach(id -> ids.add(id.asInt()));
            }
            behind |= piece.has("Sequence");
        }
        JsonNode separator = processor.path("sep"); // BertProcessing and RobertaProcessing: [text, id]
        if (separator.isArray()) {
            ids.add(separator.path(1).asInt());
        }
        return ids;
    }

    private static OptionalInt id(JsonNode piece, JsonNode template, String where) {
        JsonNode ids = template.path("special_tokens")
                .path(piece.at("/SpecialToken/id").asText())
                .path("ids");
        if (ids.size() != 1) {
            throw refuse(where, piece.toString());
        }
        return OptionalInt.of(ids.get(0).asInt());
    }

    private static BadInput refuse(String where, String found) {
        return new BadInput(
                "unsupported post_processor",
                where,
                "at most one token before and one after the text",
                found,
                "export it as safetensors or ONNX (--format onnx)");
    }
}
