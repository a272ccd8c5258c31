package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A small byte-level tokenizer of every kind that GGUF names, as metadata and as a tokenizer.json. */
public final class ByteVocabulary {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String END = "<|end|>";

    private ByteVocabulary() {}

    /** The printable spelling of each byte in byte-level vocabularies (Radford et al. 2019, GPT-2's encoder). */
    private static List<String> byteTokens() {
        List<String> tokens = new ArrayList<>();
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
            tokens.add(String.valueOf((char) (printable ? b : next++)));
        }
        return tokens;
    }

    /** All bytes, then tokens that show where text was cut: merges would join any two neighbours of these kinds that were not. */
    public static List<String> tokens() {
        List<String> tokens = byteTokens();
        tokens.addAll(List.of("11", "111", "1111", "aB", "Ba", "aBa", "'S", "!Ċ", END, "ab"));
        return tokens;
    }

    /** The id of the token that ends a sequence, and begins one where the kind begins it with a token. */
    public static int end() {
        return tokens().indexOf(END);
    }

    static Map<String, Object> metadata(String pre) {
        List<String> tokens = tokens();
        List<Integer> types = new ArrayList<>();
        tokens.forEach(token -> types.add(token.equals(END) ? 3 : 1));
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.pre", pre);
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.merges", List.of("1 1", "11 1", "11 11", "a B", "aB a", "' S", "! Ċ"));
        metadata.put("tokenizer.ggml.bos_token_id", tokens.indexOf(END));
        return metadata;
    }

    static Map<String, JsonNode> nodes(Map<String, Object> metadata) {
        Map<String, JsonNode> nodes = new HashMap<>();
        metadata.forEach((key, value) -> nodes.put(key, MAPPER.valueToTree(value)));
        return nodes;
    }

    /** The text of its tokenizer.json, in UTF-8. */
    public static byte[] tokenizerJson(String pre) {
        return GgufTokenizer.json("m.gguf", nodes(metadata(pre)));
    }
}
