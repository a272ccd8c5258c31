package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;

/** The tokens that a tokenizer.json lists, by id. */
final class Vocabulary {
    /** No vocabulary in use has a tenth of it; an id beyond it is damage, and would be an array of that length. */
    private static final int MAX_ID = 10_000_000;

    private record Entry(String token, long id) {}

    private Vocabulary() {}

    /**
     * Reads the vocabulary of any model type (a map from token to id, or Unigram's list) and the added tokens.
     *
     * @return tokens by id, {@code [size]}; null where an id has none
     * @throws BadInput where the file has no vocabulary, or an id that is none
     */
    static String[] tokens(JsonNode tokenizer, String where) {
        JsonNode vocab = tokenizer.path("model").path("vocab");
        List<Entry> entries = new ArrayList<>();
        if (vocab.isObject()) {
            for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
                entries.add(entry(entry.getKey(), entry.getValue(), where));
            }
        } else if (vocab.isArray()) {
            for (JsonNode piece : vocab) {
                entries.add(new Entry(piece.path(0).asText(), entries.size()));
            }
        } else {
            throw new BadInput(
                    "no vocabulary",
                    where,
                    "model.vocab, a map from token to id or a list",
                    vocab.isMissingNode() ? "none" : vocab.getNodeType().toString(),
                    "is this a tokenizer.json of the tokenizers library?");
        }
        for (JsonNode added : tokenizer.path("added_tokens")) {
            entries.add(entry(added.path("content").asText(), added.path("id"), where));
        }
        long size = 0;
        for (Entry entry : entries) {
            if (entry.id() < 0 || entry.id() > MAX_ID) {
                throw new BadInput(
                        "impossible id of token " + entry.token(),
                        where,
                        "0 to " + MAX_ID,
                        String.valueOf(entry.id()),
                        "the file is damaged; download it again");
            }
            size = Math.max(size, entry.id() + 1);
        }
        String[] tokens = new String[(int) size];
        entries.forEach(entry -> tokens[(int) entry.id()] = entry.token());
        return tokens;
    }

    /** The id of a token by its text, -1 where there is none of that text. */
    static int id(JsonNode tokenizer, String token) {
        for (JsonNode added : tokenizer.path("added_tokens")) {
            if (added.path("content").asText().equals(token)) {
                return added.path("id").asInt(-1);
            }
        }
        JsonNode vocab = tokenizer.path("model").path("vocab");
        for (int id = 0; vocab.isArray() && id < vocab.size(); id++) {
            if (vocab.get(id).path(0).asText().equals(token)) {
                return id;
            }
        }
        return vocab.path(token).asInt(-1);
    }

    private static Entry entry(String token, JsonNode id, String where) {
        if (!id.isIntegralNumber() || !id.canConvertToLong()) {
            throw new BadInput(
                    "impossible id of token " + token,
                    where,
                    "a whole number",
                    id.toString(),
                    "the file is damaged; download it again");
        }
        return new Entry(token, id.asLong());
    }
}
