package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * Writes the tokenizer.json that a GGUF file's metadata describes. Known are two models ({@code tokenizer.ggml.model}): byte-level byte pairs
 * ({@code gpt2}) with the pre-tokenizers of {@link PreTokenizer}, and SentencePiece's byte pairs with scores ({@code llama}, see
 * {@link ScoredPieces}). (Sources: the GGUF specification's tokenizer keys; the JSON format of the tokenizers library.)
 */
final class GgufTokenizer {
    /** The only model that is read and written. */
    static final String BYTE_LEVEL_PAIRS = "gpt2";
    /** The other model that is read: pieces of text with scores. */
    private static final String SCORED_PIECES = "llama";

    /** What a file says that is used by token ids alone. */
    static final String NONE = "none";

    static final int NORMAL = 1;
    /** Of the token for what no other spells. */
    static final int UNKNOWN = 2;

    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    /** Of ids without a token, which only fill the rows of the embedding. */
    static final int UNUSED = 5;

    private static final List<String> KNOWN = List.of(BYTE_LEVEL_PAIRS, SCORED_PIECES);

    private final String where;
    private final Map<String, JsonNode> metadata;

    private GgufTokenizer(String where, Map<String, JsonNode> metadata) {
        this.where = where;
        this.metadata = metadata;
    }

    /** Whether the metadata speak of a tokenizer at all; a model that is used by token ids alone needs none. */
    static boolean isDescribed(Map<String, JsonNode> metadata) {
        JsonNode model = metadata.get("tokenizer.ggml.model");
        return model != null && !List.of(NONE, "no_vocab").contains(model.asText());
    }

    /** Whether the metadata describe a tokenizer of a known kind. */
    static boolean isKnown(Map<String, JsonNode> metadata) {
        JsonNode model = metadata.get("tokenizer.ggml.model");
        return isOneOf(model, KNOWN)
                && (model.asText().equals(SCORED_PIECES)
                        || isOneOf(metadata.get("tokenizer.ggml.pre"), PreTokenizer.knownNames()));
    }

    private static boolean isOneOf(JsonNode value, List<String> known) {
        return value != null && known.contains(value.asText());
    }

    /**
     * The text of the tokenizer.json, in UTF-8.
     *
     * @throws BadInput where the metadata describe no tokenizer, or one of an unknown kind
     */
    static byte[] json(String where, Map<String, JsonNode> metadata) {
        return Json.line(new GgufTokenizer(where, metadata).tokenizer()).getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode tokenizer() {
        requireKnown("model", KNOWN);
        JsonNode tokens = list("tokens");
        ObjectNode json = Json.object();
        json.put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        json.set("added_tokens", addedTokens(tokens));
        if (text("model").equals(SCORED_PIECES)) {
            describePieces(json, tokens);
        } else {
            describeBytes(json, tokens);
        }
        return json;
    }

    private void describeBytes(ObjectNode json, JsonNode tokens) {
        requireKnown("pre", PreTokenizer.knownNames());
        PreTokenizer pre = PreTokenizer.of(text("pre")).orElseThrow();
        boolean prefixed = flag("add_space_prefix", false);
        json.set("normalizer", pre.normalizer());
        json.set("pre_tokenizer", pre.preTokenizer(prefixed));
        json.set("post_processor", postProcessor(pre.beginsSequence(), tokens));
        json.set("decoder", PreTokenizer.byteLevel(prefixed, true));
        ObjectNode model = model(json, tokens);
        model.putNull("unk_token").put("fuse_unk", false).put("byte_fallback", false);
        model.put("ignore_merges", pre.wholeWords());
        model.set("merges", listedMerges());
    }

    /** Text is not cut before it is merged, so a file's {@code pre} says nothing here. */
    private void describePieces(ObjectNode json, JsonNode tokens) {
        boolean prefixed = flag("add_space_prefix", true);
        json.set("normalizer", ScoredPieces.normalizer(prefixed));
        json.putNull("pre_tokenizer");
        json.set("post_processor", postProcessor(true, tokens));
        json.set("decoder", ScoredPieces.decoder(prefixed));
        ObjectNode model = model(json, tokens);
        model.put("unk_token", unknownToken(tokens, model.path("vocab")));
        model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
        model.set("merges", ScoredPieces.merges(tokens, list("token_type"), scores(tokens.size())));
    }

    /** The byte-pair model and its vocabulary, which every kind has. */
    private ObjectNode model(ObjectNode json, JsonNode tokens) {
        ObjectNode model = json.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        ObjectNode vocab = model.putObject("vocab");
        JsonNode types = list("token_type");
        for (int id = 0; id < tokens.size(); id++) {
            if (types.path(id).asInt() == UNUSED) {
                continue;
            }
            String token = tokens.get(id).asText();
            if (vocab.has(token)) {
                throw wrong("tokens", "each token once", "'" + token + "' as " + vocab.get(token) + " and " + id);
            }
            vocab.put(token, id);
        }
        return model;
    }

    private ArrayNode listedMerges() {
        ArrayNode merges = Json.array();
        for (JsonNode merge : list("merges")) {
            String pair = merge.asText();
            int space = pair.indexOf(' ', 1); // byte-level tokens hold no space: it is spelled Ġ
            if (space < 1 || space == pair.length() - 1) {
                throw wrong("merges", "two tokens and a space between them", "'" + pair + "'");
            }
            merges.addArray().add(pair.substring(0, space)).add(pair.substring(space + 1));
        }
        return merges;
    }

    private JsonNode scores(int size) {
        JsonNode scores = list("scores");
        if (scores.size() != size) {
            throw wrong("scores", size + " entries, one per token", String.valueOf(scores.size()));
        }
        for (JsonNode score : scores) {
            if (!score.isNumber() || Double.isNaN(score.asDouble())) {
                throw wrong("scores", "numbers", score.toString());
            }
        }
        return scores;
    }

    /** The token for what no other spells: the one named, or the one of that type; null where bytes spell everything. */
    private String unknownToken(JsonNode tokens, JsonNode vocabulary) {
        if (metadata.containsKey("tokenizer.ggml.unknown_token_id")) {
            return named("unknown", tokens);
        }
        JsonNode types = list("token_type");
        for (int id = 0; id < tokens.size(); id++) {
            if (types.get(id).asInt() == UNKNOWN) {
                return tokens.get(id).asText();
            }
        }
        if (!ScoredPieces.everyByte(vocabulary)) {
            throw wrong(
                    "unknown_token_id",
                    "the id of a token, because some bytes have no token of their own",
                    "no such key");
        }
        return null;
    }

    /** Control and user-defined tokens, and the unknown one, are found in the text before anything else is cut. */
    private ArrayNode addedTokens(JsonNode tokens) {
        JsonNode types = list("token_type");
        if (types.size() != tokens.size()) {
            throw wrong("token_type", tokens.size() + " entries, one per token", String.valueOf(types.size()));
        }
        ArrayNode added = Json.array();
        for (int id = 0; id < types.size(); id++) {
            int type = types.get(id).asInt();
            if (type == CONTROL || type == USER_DEFINED || type == UNKNOWN) {
                ObjectNode token = added.addObject();
                token.put("id", id).put("content", tokens.get(id).asText());
                token.put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false);
                token.put("special", type != USER_DEFINED);
            }
        }
        return added;
    }

    /** The tokens that begin and end every sequence, where the file asks for them. */
    private JsonNode postProcessor(boolean beginsSequence, JsonNode tokens) {
        ObjectNode template = PreTokenizer.typed("TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ArrayNode pair = template.putArray("pair");
        ObjectNode special = template.putObject("special_tokens");
        if (flag("add_bos_token", beginsSequence)) {
            addSpecial("bos", tokens, single, pair, special);
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
        if (flag("add_eos_token", false)) {
            addSpecial("eos", tokens, single, pair, special);
        }
        return template;
    }

    private void addSpecial(String role, JsonNode tokens, ArrayNode single, ArrayNode pair, ObjectNode special) {
        String token = named(role, tokens);
        for (ArrayNode template : List.of(single, pair)) {
            template.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
        }
        ObjectNode entry = special.putObject(token).put("id", token);
        entry.putArray("ids")
                .add(metadata.get("tokenizer.ggml." + role + "_token_id").asInt());
        entry.putArray("tokens").add(token);
    }

    /** The token that the file names for a role. */
    private String named(String role, JsonNode tokens) {
        String key = role + "_token_id";
        JsonNode id = metadata.get("tokenizer.ggml." + key);
        if (id == null || !id.isIntegralNumber() || !tokens.has(id.asInt())) {
            throw wrong(key, "the id of a token, because the file asks for it", String.valueOf(id));
        }
        return tokens.get(id.asInt()).asText();
    }

    private void requireKnown(String key, List<String> known) {
        JsonNode value = metadata.get("tokenizer.ggml." + key);
        if (!isOneOf(value, known)) {
            throw new BadInput(
                    "unsupported tokenizer.ggml." + key,
                    where,
                    "one of " + known,
                    value == null ? "no such key" : value.asText(),
                    "put the model's tokenizer.json beside the file; it is then used instead");
        }
    }

    private String text(String key) {
        return metadata.get("tokenizer.ggml." + key).asText();
    }

    private boolean flag(String key, boolean otherwise) {
        JsonNode value = metadata.get("tokenizer.ggml." + key);
        return value == null ? otherwise : value.asBoolean();
    }

    private JsonNode list(String key) {
        JsonNode value = metadata.get("tokenizer.ggml." + key);
        if (value == null || !value.isArray()) {
            throw wrong(
                    key,
                    "a list",
                    value == null ? "no such key" : value.getNodeType().toString());
        }
        return value;
    }

    private BadInput wrong(String key, String expected, String found) {
        return new BadInput(
                "wrong tokenizer.ggml." + key,
                where,
                expected,
                found,
                "put the model's tokenizer.json beside the file");
    }
}
