package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import modelpatch.BadInput;

/**
 * What a tokenizer.json must not hold although the tokenizers library loads it. Where a template names a special token that is not defined,
 * or asks one text for a second one, the library does not throw later: it ends the whole process, without a word to Java.
 */
final class TokenizerCheck {
    private TokenizerCheck() {}

    /**
     * Checks what is known to go wrong.
     *
     * @param tokenizer the whole file
     */
    static void requireUsable(JsonNode tokenizer, String where) {
        JsonNode dropout = tokenizer.path("model").path("dropout");
        if (dropout.asDouble(0) != 0) {
            throw new BadInput(
                    "random tokenizer",
                    where + " model.dropout",
                    "null, so that a text has one encoding",
                    dropout.toString(),
                    "set it to null");
        }
        requireTemplates(tokenizer.path("post_processor"), where + " post_processor");
    }

    /** A post-processor may be a sequence of several. */
    private static void requireTemplates(JsonNode processor, String where) {
        for (JsonNode part : processor.path("processors")) {
            requireTemplates(part, where);
        }
        for (JsonNode piece : processor.path("single")) {
            requireDefined(piece, processor, where + ".single");
            JsonNode sequence = piece.path("Sequence").path("id");
            if (!sequence.isMissingNode() && !sequence.asText().equals("A")) {
                throw damaged("impossible sequence", where + ".single", "A, the only text", sequence);
            }
        }
        for (JsonNode piece : processor.path("pair")) {
            requireDefined(piece, processor, where + ".pair");
        }
    }

    private static void requireDefined(JsonNode piece, JsonNode processor, String where) {
        JsonNode special = piece.path("SpecialToken").path("id");
        if (special.isMissingNode()) {
            return;
        }
        JsonNode defined = processor.path("special_tokens").path(special.asText());
        if (defined.path("ids").isEmpty()
                || defined.path("ids").size() != defined.path("tokens").size()) {
            throw damaged(
                    "undefined special token", where, "a token whose ids and names special_tokens lists", special);
        }
    }

    private static BadInput damaged(String what, String where, String expected, JsonNode found) {
        return new BadInput(what, where, expected, found.toString(), "the file is damaged; download it again");
    }
}
