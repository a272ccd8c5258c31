package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers made from GGUF metadata: how each known kind cuts text, and which metadata are refused. */
class GgufTokenizerTest {
    private static Tokenizer tokenizer(Map<String, Object> metadata) {
        return JsonTokenizer.of(GgufTokenizer.json("m.gguf", ByteVocabulary.nodes(metadata)), "m.gguf");
    }

    private static String pieces(Tokenizer tokenizer, String text) {
        StringBuilder pieces = new StringBuilder();
        for (int id : tokenizer.encodeContinuation(text)) {
            pieces.append(pieces.isEmpty() ? "" : " ").append(tokenizer.token(id));
        }
        return pieces.toString();
    }

    /** Columns: kind; 1111; aBa; X'S; !newline. Only what lies in one cut can be merged. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gpt-2     | 1111    | aBa  | X ' S | ! Ċ",
                "default   | 111 1   | aBa  | X ' S | ! Ċ",
                "smollm    | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "starcoder | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "llama-bpe | 111 1   | aBa  | X 'S  | !Ċ",
                "qwen2     | 1 1 1 1 | aBa  | X 'S  | !Ċ",
                "tekken    | 1 1 1 1 | a Ba | X 'S  | !Ċ",
                "jais             | 1111    | aBa  | X ' S | ! Ċ",
                "exaone4          | 1111    | aBa  | X ' S | ! Ċ",
                "mpt              | 1111    | aBa  | X ' S | ! Ċ",
                "olmo             | 1111    | aBa  | X ' S | ! Ċ",
                "refact           | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "codeshell        | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "exaone           | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "minerva-7b       | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "command-r        | 1 1 1 1 | aBa  | X ' S | ! Ċ",
                "falcon3          | 111 1   | aBa  | X 'S  | !Ċ",
                "pixtral          | 111 1   | aBa  | X 'S  | !Ċ",
                "smaug-bpe        | 111 1   | aBa  | X 'S  | !Ċ",
                "dbrx             | 111 1   | aBa  | X 'S  | !Ċ",
                "chatglm-bpe      | 111 1   | aBa  | X 'S  | !Ċ",
                "glm4             | 111 1   | aBa  | X 'S  | !Ċ",
                "deepseek-r1-qwen | 1 1 1 1 | aBa  | X 'S  | !Ċ",
                "megrez           | 1 1 1 1 | aBa  | X 'S  | !Ċ",
                "stablelm2        | 1 1 1 1 | aBa  | X 'S  | !Ċ",
                "hunyuan          | 1 1 1 1 | aBa  | X 'S  | !Ċ",
                "falcon           | 111 1   | aBa  | X ' S | ! Ċ",
                "bloom            | 1111    | aBa  | X 'S  | !Ċ",
                "deepseek-v3      | 111 1   | aBa  | X 'S  | !Ċ",
                "hunyuan-dense    | 111 1   | aBa  | X 'S  | !Ċ",
                "gpt-4o           | 111 1   | a B a | X 'S  | !Ċ",
                "llama4           | 111 1   | a B a | X 'S  | !Ċ",
            })
    void everyKindCutsTextWhereItsModelsDo(
            String pre, String digits, String capitals, String contraction, String sign) {
        try (Tokenizer tokenizer = tokenizer(ByteVocabulary.metadata(pre))) {
            assertThat(pieces(tokenizer, "1111")).isEqualTo(digits);
            assertThat(pieces(tokenizer, "aBa")).isEqualTo(capitals);
            assertThat(pieces(tokenizer, "X'S")).isEqualTo(contraction);
            assertThat(pieces(tokenizer, "!\n")).isEqualTo(sign);
            String text = "é 日本語 😀\n\ttab  1234 <|end|> don't";
            assertThat(tokenizer.decode(tokenizer.encodeContinuation(text))).isEqualTo(text);
        }
    }

    /** A letter and its accent apart, and both in one. */
    @ParameterizedTest
    @CsvSource({
        "qwen2,true",
        "mpt,true",
        "olmo,true",
        "command-r,true",
        "smollm,false",
        "gpt-2,false",
        "megrez,false",
        "gpt-4o,false"
    })
    void lettersAreComposedWhereTheModelsOwnTokenizersDoSo(String pre, boolean composed) {
        try (Tokenizer tokenizer = tokenizer(ByteVocabulary.metadata(pre))) {
            String apart = pieces(tokenizer, "e\u0301");
            assertThat(apart.equals(pieces(tokenizer, "\u00e9"))).isEqualTo(composed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama-bpe,true",
        "falcon3,true",
        "pixtral,true",
        "dbrx,false",
        "smaug-bpe,false",
        "glm4,false",
        "gpt-4o,false",
        "olmo,false"
    })
    void someKindsBeginASequenceWhereTheFileDoesNotSay(String pre, boolean begins) {
        try (Tokenizer tokenizer = tokenizer(ByteVocabulary.metadata(pre))) {
            assertThat(tokenizer.encode("a").length).isEqualTo(begins ? 2 : 1);
        }
    }

    @Test
    void controlTokensAreFoundInTheText() {
        try (Tokenizer tokenizer = tokenizer(ByteVocabulary.metadata("smollm"))) {
            assertThat(pieces(tokenizer, "a<|end|>a")).isEqualTo("a <|end|> a");
        }
    }

    @Test
    void wholeWordsThatAreTokensAreNotMergedWhereTheKindSaysSo() {
        // No merge makes "ab": llama-bpe takes it as it stands, GPT-2 cannot reach it.
        try (Tokenizer llama = tokenizer(ByteVocabulary.metadata("llama-bpe"));
                Tokenizer gpt2 = tokenizer(ByteVocabulary.metadata("gpt-2"))) {
            assertThat(pieces(llama, "ab")).isEqualTo("ab");
            assertThat(pieces(gpt2, "ab")).isEqualTo("a b");
        }
    }

    @Test
    void qwenComposesCharactersFirst() {
        try (Tokenizer qwen = tokenizer(ByteVocabulary.metadata("qwen2"));
                Tokenizer gpt2 = tokenizer(ByteVocabulary.metadata("gpt-2"))) {
            assertThat(qwen.encode("e\u0301")).isEqualTo(gpt2.encode("é"));
            assertThat(gpt2.encode("e\u0301")).isNotEqualTo(gpt2.encode("é"));
        }
    }

    @ParameterizedTest
    @CsvSource({"smollm,,false", "smollm,true,true", "llama-bpe,,true", "llama-bpe,false,false"})
    void theBeginningOfASequenceIsMarkedWhereFileOrKindSaySo(String pre, Boolean stated, boolean marked) {
        Map<String, Object> metadata = ByteVocabulary.metadata(pre);
        if (stated != null) {
            metadata.put("tokenizer.ggml.add_bos_token", stated);
        }
        try (Tokenizer tokenizer = tokenizer(metadata)) {
            int[] ids = tokenizer.encode("a");
            assertThat(ids).hasSize(marked ? 2 : 1);
            assertThat(tokenizer.token(ids[0])).isEqualTo(marked ? "<|end|>" : "a");
        }
    }

    @Test
    void anEndThatTheFileWouldPutBehindEveryTextIsLeftOutOfAPrompt() {
        Map<String, Object> metadata = ByteVocabulary.metadata("smollm");
        metadata.put("tokenizer.ggml.add_eos_token", true);
        metadata.put("tokenizer.ggml.eos_token_id", metadata.get("tokenizer.ggml.bos_token_id"));
        try (Tokenizer tokenizer = tokenizer(metadata);
                Tokenizer without = tokenizer(ByteVocabulary.metadata("smollm"))) {
            Encoding encoding = tokenizer.encodeWithOffsets("aB");
            assertThat(encoding.ids()).isEqualTo(without.encode("aB"));
            assertThat(encoding.starts()).containsExactly(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model      | bert    | unsupported tokenizer.ggml.model | [gpt2, llama], found bert",
                "pre        | strange | unsupported tokenizer.ggml.pre   | exaone, exaone4, falcon",
                "pre        |         | unsupported tokenizer.ggml.pre   | no such key",
                "tokens     |         | wrong tokenizer.ggml.tokens      | no such key",
                "token_type |         | wrong tokenizer.ggml.token_type  | no such key",
                "merges     |         | wrong tokenizer.ggml.merges      | no such key",
            })
    void metadataThatAreNotUnderstoodAreRefusedByKey(String key, String value, String what, String found) {
        Map<String, Object> metadata = ByteVocabulary.metadata("smollm");
        metadata.remove("tokenizer.ggml." + key);
        if (value != null) {
            metadata.put("tokenizer.ggml." + key, value);
        }
        assertThatThrownBy(() -> tokenizer(metadata))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("m.gguf", what, found, "tokenizer.json");
    }

    @Test
    void metadataThatContradictThemselvesAreRefused() {
        Map<String, Object> types = ByteVocabulary.metadata("smollm");
        types.put("tokenizer.ggml.token_type", List.of(1, 2));
        assertThatThrownBy(() -> tokenizer(types)).isInstanceOf(BadInput.class).hasMessageContaining("one per token");

        Map<String, Object> merges = ByteVocabulary.metadata("smollm");
        merges.put("tokenizer.ggml.merges", List.of("ab"));
        assertThatThrownBy(() -> tokenizer(merges)).isInstanceOf(BadInput.class).hasMessageContaining("'ab'");

        Map<String, Object> unknown = ByteVocabulary.metadata("smollm");
        unknown.put("tokenizer.ggml.merges", List.of("x zz"));
        assertThatThrownBy(() -> tokenizer(unknown))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("refuses it");

        Map<String, Object> beginning = ByteVocabulary.metadata("llama-bpe");
        beginning.put("tokenizer.ggml.bos_token_id", 99999);
        assertThatThrownBy(() -> tokenizer(beginning))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("99999");

        Map<String, Object> twice = ByteVocabulary.metadata("smollm");
        twice.put("tokenizer.ggml.tokens", List.of("a", "a"));
        twice.put("tokenizer.ggml.token_type", List.of(1, 1));
        assertThatThrownBy(() -> tokenizer(twice)).isInstanceOf(BadInput.class).hasMessageContaining("each token once");
    }
}
