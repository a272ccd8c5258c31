package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small tokenizer.json files: words, bytes, special tokens, and broken ones. */
class TokenizerTest {
    static final String WORDS = """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
             "pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,
             "model":{"type":"WordLevel","unk_token":"<unk>",
                      "vocab":{"<unk>":0,"the":1,"capital":2,"of":3,"France":4,".":5}}}""";

    /** Byte-level pairs without any merge: every byte of the text is a token. Beginning and end are added by the post-processor. */
    static final String BYTES = """
            {"version":"1.0","truncation":{"direction":"Right","max_length":4,"strategy":"LongestFirst","stride":0},
             "padding":{"strategy":{"Fixed":12},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,
                        "pad_type_id":0,"pad_token":"<s>"},
             "added_tokens":[{"id":0,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,
                              "normalized":false,"special":true}],
             "normalizer":null,
             "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
             "post_processor":{"type":"TemplateProcessing",
                "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
                "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}},
             "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
             "model":{"type":"BPE","dropout":null,"unk_token":null,"fuse_unk":false,"byte_fallback":false,
                "vocab":{"<s>":0,"a":1,"b":2,"Ġ":3,"Ã":4,"©":5,"ð":6,"Ł":7,"ĺ":8,"Ģ":9,"ab":12},"merges":["a b"]}}""";

    @TempDir
    Path directory;

    private static Tokenizer of(String json) {
        return JsonTokenizer.of(json.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
    }

    @Test
    void wordsAreTokens() {
        try (Tokenizer words = of(WORDS)) {
            Encoding encoding = words.encodeWithOffsets("the capital of  Atlantis.");
            assertThat(encoding)
                    .isEqualTo(new Encoding(
                            new int[] {1, 2, 3, 0, 5}, new int[] {0, 4, 12, 16, 24}, new int[] {3, 11, 14, 24, 25}));
            assertThat(words.encode("the capital")).containsExactly(1, 2);
            assertThat(words.token(4)).isEqualTo("France");
            assertThat(words.decode(new int[] {1, 2, 3, 4})).isEqualTo("the capital of France");
            assertThat(words.size()).isEqualTo(6);
        }
    }

    @Test
    void offsetsCountUtf16CharactersAndPiecesOfOneShareIt() {
        try (Tokenizer bytes = of(BYTES)) {
            String text = "é😀 ab"; // é is one character, the emoji two; two and four bytes
            Encoding encoding = bytes.encodeWithOffsets(text);
            assertThat(encoding.ids()).containsExactly(0, 4, 5, 6, 7, 8, 9, 3, 12);
            assertThat(encoding.starts()).containsExactly(0, 0, 0, 1, 1, 1, 1, 3, 4);
            assertThat(encoding.ends()).containsExactly(0, 1, 1, 3, 3, 3, 3, 4, 6);
            assertThat(encoding.tokenHolding(2))
                    .as("the emoji's second half: its last piece")
                    .hasValue(6);
            assertThat(encoding.tokenHolding(5)).hasValue(8);
            assertThat(encoding.tokenHolding(6)).as("beyond the text").isEmpty();
            assertThat(bytes.decode(encoding.ids())).isEqualTo("<s>é😀 ab");
        }
    }

    @Test
    void specialTokensComeFromThePostProcessorAndOnlyBeforeTheBeginning() {
        try (Tokenizer bytes = of(BYTES)) {
            assertThat(bytes.encode("ab")).containsExactly(0, 12);
            assertThat(bytes.encodeContinuation("ab")).containsExactly(12);
            assertThat(bytes.encode("")).containsExactly(0);
            assertThat(bytes.encodeContinuation("")).isEmpty();
            assertThat(bytes.encode("a<s>b")).as("named in the text").containsExactly(0, 1, 0, 2);
        }
    }

    @Test
    void nothingIsCutOffOrPaddedEvenWhereTheFileAsksForIt() {
        try (Tokenizer bytes = of(BYTES)) {
            assertThat(bytes.encode("a".repeat(5000))).hasSize(5001);
            assertThat(bytes.encode("ab")).hasSize(2);
        }
    }

    @Test
    void idsWithoutATokenHaveAPlaceholderAndNoText() {
        try (Tokenizer bytes = of(BYTES)) {
            assertThat(bytes.size()).isEqualTo(13);
            assertThat(bytes.token(10)).isEqualTo("[unused 10]");
            assertThat(bytes.token(50_300)).isEqualTo("[unused 50300]");
            assertThat(bytes.decode(new int[] {12, 10, 50_300, -1, 1})).isEqualTo("aba");
        }
    }

    @Test
    void filesAtWhichTheLibraryWouldEndTheProcessAreRefused() {
        String undefined = BYTES.replace("\"special_tokens\":{\"<s>\":", "\"special_tokens\":{\"<x>\":");
        String second = BYTES.replaceFirst("\"Sequence\":\\{\"id\":\"A\"", "\"Sequence\":{\"id\":\"B\"");
        String nameless = BYTES.replace("\"tokens\":[\"<s>\"]", "\"tokens\":[]");
        for (String json : new String[] {undefined, second, nameless}) {
            assertThat(json).isNotEqualTo(BYTES);
            assertThatThrownBy(() -> of(json))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("tokenizer.json post_processor.single");
        }
    }

    @Test
    void aTokenizerThatRollsDiceIsRefused() {
        assertThatThrownBy(() -> of(BYTES.replace("\"dropout\":null", "\"dropout\":0.1")))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("random tokenizer", "0.1");
    }

    @Test
    void aWordWithoutATokenIsBadInputWhereNoTokenStandsForUnknownOnes() {
        try (Tokenizer words = of(WORDS.replace("\"unk_token\":\"<unk>\"", "\"unk_token\":\"[UNK]\""))) {
            assertThat(words.encode("the capital")).containsExactly(1, 2);
            assertThatThrownBy(() -> words.encode("the sea"))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("cannot encode");
        }
    }

    @Test
    void whereTheModelHasTooFewRowsOnlyATextThatNeedsOneMoreIsRefused() {
        try (Tokenizer bytes = of(BYTES)) {
            assertThat(bytes.within(13)).isSameAs(bytes);
            Tokenizer fewer = bytes.within(12);
            assertThat(fewer.encode("ba")).isEqualTo(bytes.encode("ba"));
            assertThat(fewer.encodeWithOffsets("ba").ids()).isEqualTo(bytes.encode("ba"));
            for (Consumer<String> encode :
                    List.<Consumer<String>>of(fewer::encode, fewer::encodeContinuation, fewer::encodeWithOffsets)) {
                assertThatThrownBy(() -> encode.accept("ab"))
                        .isInstanceOf(BadInput.class)
                        .hasMessageContainingAll("'ab'", "ids 0 to 11", "12, ab");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<unk>','type_id':0}},{'Sequence':{'id':'A','type_id':0}},"
                        + "{'SpecialToken':{'id':'.','type_id':0}},{'SpecialToken':{'id':'of','type_id':0}}],'pair':[],"
                        + "'special_tokens':{'<unk>':{'id':'<unk>','ids':[0],'tokens':['<unk>']},'.':{'id':'.','ids':[5],'tokens':['.']},"
                        + "'of':{'id':'of','ids':[3],'tokens':['of']}}}",
                "{'type':'BertProcessing','cls':['<unk>',0],'sep':['.',5]}",
                "{'type':'Sequence','processors':[{'type':'BertProcessing','cls':['<unk>',0],'sep':['.',5]}]}",
            })
    void whatATemplatePutsBehindATextIsLeftOutBecauseAPromptGoesOn(String processor) {
        String json = WORDS.replace("\"post_processor\":null", "\"post_processor\":" + processor.replace('\'', '"'));
        try (Tokenizer words = of(json)) {
            assertThat(words.encode("the capital .")).containsExactly(0, 1, 2, 5);
            assertThat(words.encode("")).containsExactly(0);
            Encoding encoding = words.encodeWithOffsets("the capital");
            assertThat(encoding.ids()).containsExactly(0, 1, 2);
            assertThat(encoding.tokenHolding(10)).hasValue(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "\uD83D alone", "alone \uDE00"})
    void whatIsNoTextIsRefusedInsteadOfReplaced(String text) {
        try (Tokenizer bytes = of(BYTES)) {
            assertThatThrownBy(() -> bytes.encode(text))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("U+", "at character");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                       | no vocabulary",
                "{\"model\":                            | tokenizer.json:1:10",
                "{}                                     | no vocabulary",
                "{\"model\":{\"vocab\":7}}              | no vocabulary",
                "{\"model\":{\"type\":\"Magic\",\"vocab\":{\"a\":0}}} | the tokenizers library refuses it",
                "{\"model\":{\"vocab\":{\"a\":-1}}}     | impossible id of token a",
                "{\"model\":{\"vocab\":{\"a\":2000000000}}} | impossible id of token a",
                "{\"model\":{\"vocab\":{\"a\":\"x\"}}}  | impossible id of token a",
            })
    void aBrokenFileIsNamedAndSaysWhatIsWrong(String json, String message) throws Exception {
        Path model = Path.of("src", "test", "resources", "conformance", "llama");
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(model.resolve(file), directory.resolve(file));
        }
        Path broken = Files.writeString(directory.resolve("tokenizer.json"), json == null ? "" : json);

        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            assertThatThrownBy(() -> Tokenizer.of(checkpoint))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll(broken.toString(), message);
        }
    }

    @Test
    void aCheckpointWithoutATokenizerSaysWhereOneIsLookedFor() {
        try (Checkpoint checkpoint = Checkpoint.open(Path.of("src", "test", "resources", "conformance", "llama"))) {
            assertThatThrownBy(() -> Tokenizer.of(checkpoint))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("no tokenizer", "tokenizer.json beside the weights");
        }
    }

    @Test
    void encodingsAreComparedByTheirContentsAndCannotBeChanged() {
        Encoding encoding = new Encoding(new int[] {1}, new int[] {0}, new int[] {2});
        encoding.ids()[0] = 7;

        assertThat(encoding).isEqualTo(new Encoding(new int[] {1}, new int[] {0}, new int[] {2}));
        assertThat(encoding).isNotEqualTo(new Encoding(new int[] {1}, new int[] {0}, new int[] {3}));
        assertThat(encoding).hasSameHashCodeAs(new Encoding(new int[] {1}, new int[] {0}, new int[] {2}));
        assertThatThrownBy(() -> new Encoding(new int[1], new int[2], new int[1]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
