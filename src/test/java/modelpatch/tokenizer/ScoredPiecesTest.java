package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * SentencePiece tokenizers made from GGUF metadata. The ids are those of the Python tokenizers library (0.23.3) for the same vocabulary, with
 * merges by transformers' generate_merges (5.24.0) and the normalizer and decoder that its converters of Llama and Gemma set.
 */
class ScoredPiecesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> PIECES =
            List.of("▁t", "he", "in", "▁the", "er", "an", "▁a", "th", "ing", "▁an", "ha", "▁th", "hat");
    private static final List<String> LETTERS = List.of("▁", "t", "e", "h", "i", "n", "r", "g", "b", "a");

    /** As Llama 2: a blank before every text, bytes after three special tokens; and a user-defined token at the end. */
    private static Map<String, Object> llama() {
        return metadata(
                List.of("<unk>", "<s>", "</s>"),
                List.of(2, 3, 3),
                List.of("<tool>"),
                Map.of("bos_token_id", 1, "eos_token_id", 2));
    }

    /** As Gemma 3: no blank before, and runs of blanks and newlines as user-defined tokens. */
    private static Map<String, Object> gemma() {
        return metadata(
                List.of("<pad>", "<eos>", "<bos>", "<unk>", "\n", "\n\n", "  ", "   "),
                List.of(3, 3, 3, 3, 4, 4, 4, 4),
                List.of(),
                Map.of("bos_token_id", 2, "unknown_token_id", 3, "add_space_prefix", false));
    }

    private static Map<String, Object> metadata(
            List<String> first, List<Integer> firstTypes, List<String> userDefined, Map<String, Object> more) {
        List<String> tokens = new ArrayList<>(first);
        List<Integer> types = new ArrayList<>(firstTypes);
        IntStream.range(0, 256).forEach(value -> add("<0x%02X>".formatted(value), 6, tokens, types));
        PIECES.forEach(piece -> add(piece, 1, tokens, types));
        LETTERS.forEach(letter -> add(letter, 1, tokens, types));
        userDefined.forEach(token -> add(token, 4, tokens, types));
        int bytesEnd = first.size() + 256;
        List<Integer> scores = IntStream.range(0, tokens.size())
                .map(id -> Math.min(0, bytesEnd - id))
                .boxed()
                .toList();
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.scores", scores);
        more.forEach((key, value) -> metadata.put("tokenizer.ggml." + key, value));
        return metadata;
    }

    private static void add(String token, int type, List<String> tokens, List<Integer> types) {
        tokens.add(token);
        types.add(type);
    }

    private static Tokenizer tokenizer(Map<String, Object> metadata) {
        return JsonTokenizer.of(GgufTokenizer.json("m.gguf", ByteVocabulary.nodes(metadata)), "m.gguf");
    }

    private static String ids(int[] ids) {
        return Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "the thing         | 262 270 267                                 | 278 265 275 272",
                "that  hat         | 259 271 272 272 271                         | 271 286 278 6 276",
                "` the`            | 272 262                                     | 267",
                "a~~b              | 265 13 13 280                               | 286 5 285",
                "é the 😀          | 272 198 172 262 272 243 162 155 131         | 203 177 267 277 248 167 160 136",
                "a<unk>b           | 265 0 272 280                               | 286 3 285",
                "banther           | 272 280 264 273 260 278                     | 285 269 278 265 283",
                "thing   ing~~~he  | 270 267 272 272 272 267 13 13 13 260        | 271 272 7 272 5 4 265",
                "in<tool>the       | 272 261 282 262                             | 266 68 278 119 119 116 70 278 265",
            })
    void idsAreThoseOfTheReference(String text, String llamaIds, String gemmaIds) {
        String lines = text.replace('~', '\n');
        try (Tokenizer llama = tokenizer(llama());
                Tokenizer gemma = tokenizer(gemma())) {
            assertThat(ids(llama.encodeContinuation(lines))).as("like Llama 2").isEqualTo(llamaIds);
            assertThat(ids(gemma.encodeContinuation(lines))).as("like Gemma").isEqualTo(gemmaIds);
        }
    }

    @ParameterizedTest
    @CsvSource({"the thing", "é 日本語 😀", "that   hat", "' the '"})
    void decodingIsTheInverse(String text) {
        for (Map<String, Object> metadata : List.of(llama(), gemma())) {
            try (Tokenizer tokenizer = tokenizer(metadata)) {
                assertThat(tokenizer.decode(tokenizer.encodeContinuation(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void sequencesBeginWithATokenOfTheirOwnUnlessTheFileSaysNo() {
        Map<String, Object> stated = gemma();
        stated.put("tokenizer.ggml.add_bos_token", false);
        stated.put("tokenizer.ggml.add_eos_token", true);
        stated.put("tokenizer.ggml.eos_token_id", 1);
        try (Tokenizer unstated = tokenizer(gemma());
                Tokenizer ended = tokenizer(stated)) {
            assertThat(unstated.encode("a")).containsExactly(2, 286);
            assertThat(ended.encode("a"))
                    .as("a prompt goes on, so what would end a text is left out")
                    .containsExactly(286);
        }
    }

    @Test
    void offsetsAreThoseOfTheTextWithoutTheBlankPutBefore() {
        try (Tokenizer tokenizer = tokenizer(llama())) {
            Encoding encoding = tokenizer.encodeWithOffsets("the thing");
            assertThat(encoding.ids()).containsExactly(1, 262, 270, 267);
            assertThat(encoding.starts()).containsExactly(0, 0, 3, 6);
            assertThat(encoding.ends()).containsExactly(0, 3, 6, 9);
        }
    }

    @Test
    void mergesAreAllSplitsOfPiecesIntoPiecesTheBestScoreFirst() {
        Map<String, JsonNode> metadata = ByteVocabulary.nodes(llama());
        JsonNode tokens = metadata.get("tokenizer.ggml.tokens");
        JsonNode types = metadata.get("tokenizer.ggml.token_type");
        List<String> found = new ArrayList<>();
        ScoredPieces.merges(tokens, types, metadata.get("tokenizer.ggml.scores"))
                .forEach(pair ->
                        found.add(pair.path(0).asText() + " " + pair.path(1).asText()));
        assertThat(found)
                .as("by hand, from %s", PIECES)
                .containsExactly(
                        "▁ t", "h e", "i n", "▁th e", "▁t he", "e r", "a n", "▁ a", "t h", "in g", "▁a n", "▁ an",
                        "h a", "▁t h", "▁ th", "ha t");
    }

    @Test
    void scoresDecideAndNotIds() {
        Map<String, Object> metadata = llama();
        List<Object> scores = new ArrayList<>((List<?>) metadata.get("tokenizer.ggml.scores"));
        try (Tokenizer before = tokenizer(metadata)) {
            assertThat(before.token(before.encodeContinuation("that")[0])).isEqualTo("▁t");
        }
        scores.set(((List<?>) metadata.get("tokenizer.ggml.tokens")).indexOf("th"), 1.5);
        metadata.put("tokenizer.ggml.scores", scores);
        try (Tokenizer after = tokenizer(metadata)) {
            assertThat(after.token(after.encodeContinuation("that")[0])).isEqualTo("▁th");
        }
    }

    /** As large as Gemma's; an effort that grows with the square of the vocabulary would be minutes. */
    @Test
    void aQuarterOfAMillionPiecesAndOneVeryLongTakeSeconds() {
        Random random = new Random(20251128);
        List<String> tokens = new ArrayList<>(new TreeSet<>(IntStream.range(0, 250_000)
                .mapToObj(i -> random.ints(1 + random.nextInt(12), 'a', 'h')
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining()))
                .toList()));
        tokens.add("a".repeat(1_000_000));
        JsonNode types = MAPPER.valueToTree(tokens.stream().map(token -> 1).toList());
        JsonNode scores = MAPPER.valueToTree(tokens.stream().map(token -> -1).toList());
        assertTimeout(
                Duration.ofSeconds(60),
                () -> assertThat(ScoredPieces.merges(MAPPER.valueToTree(tokens), types, scores))
                        .isNotEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scores           | no such key          | ",
                "scores           | one per token        | [1, 2]",
                "token_type       | no such key          | ",
                "tokens           | no such key          | ",
                "bos_token_id     | the id of a token    | 4711",
                "unknown_token_id | the id of a token    | 4711",
            })
    void metadataThatAreNotUnderstoodAreRefusedByKey(String key, String found, String value) throws Exception {
        Map<String, Object> metadata = gemma();
        metadata.remove("tokenizer.ggml." + key);
        if (value != null) {
            metadata.put("tokenizer.ggml." + key, MAPPER.readTree(value));
        }
        assertThatThrownBy(() -> tokenizer(metadata))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("m.gguf", "wrong tokenizer.ggml." + key, found, "tokenizer.json");
    }

    @Test
    void textThatNothingSpellsIsNotDroppedInSilence() {
        Map<String, Object> metadata = gemma();
        metadata.remove("tokenizer.ggml.unknown_token_id");
        try (Tokenizer bytes = tokenizer(metadata)) {
            assertThat(ids(bytes.encodeContinuation("é"))).isEqualTo("203 177");
        }
        List<Object> tokens = new ArrayList<>((List<?>) metadata.get("tokenizer.ggml.tokens"));
        tokens.set(tokens.indexOf("<0xC3>"), "<another>");
        metadata.put("tokenizer.ggml.tokens", tokens);
        assertThatThrownBy(() -> tokenizer(metadata))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("unknown_token_id", "some bytes have no token");
        metadata.put("tokenizer.ggml.unknown_token_id", 3);
        try (Tokenizer unknown = tokenizer(metadata)) {
            assertThat(ids(unknown.encodeContinuation("é"))).isEqualTo("3");
        }
    }
}
