package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tokenizer.json as GGUF metadata: read back it encodes the same ids, and what metadata cannot say is refused by name. */
class TokenizerMetadataTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROWS = 300;

    @TempDir
    Path directory;

    private ObjectNode tokenizer(String pre) throws IOException {
        return (ObjectNode) JSON.readTree(ByteVocabulary.tokenizerJson(pre));
    }

    private Map<String, JsonNode> metadata(JsonNode tokenizer) throws IOException {
        Files.write(directory.resolve("tokenizer.json"), JSON.writeValueAsBytes(tokenizer));
        if (!Files.exists(directory.resolve("config.json"))) {
            beside("config.json", "{\"eos_token_id\": " + ByteVocabulary.end() + "}");
        }
        SafetensorsWriter.write(
                directory.resolve("model.safetensors"),
                Map.of(),
                List.of(OutgoingTensor.float32("w", List.of(1L), new float[1])));
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            return Tokenizer.metadata(checkpoint, ROWS);
        }
    }

    private void beside(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private static JsonNode node(String json) throws IOException {
        return JSON.readTree(json.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-2, gpt-2",
        "default, default",
        "exaone4, gpt-2",
        "olmo, mpt",
        "command-r, command-r",
        "dbrx, smaug-bpe",
        "megrez, stablelm2",
        "llama4, gpt-4o",
        "falcon, falcon",
        "bloom, bloom",
        "hunyuan-dense, deepseek-v3",
        "phi-2, gpt-2",
        "smollm, smollm",
        "starcoder, smollm",
        "llama-bpe, llama-bpe",
        "llama-v3, llama-bpe",
        "llama3, llama-bpe",
        "qwen2, qwen2",
        "tekken, tekken"
    })
    void everyKnownKindIsRecognisedAndReadBackAsItWas(String pre, String written) throws IOException {
        ObjectNode original = tokenizer(pre);
        Map<String, JsonNode> metadata = metadata(original);
        assertThat(metadata.get("tokenizer.ggml.pre").asText()).isEqualTo(written);
        assertThat(JSON.readTree(GgufTokenizer.json("m", metadata))).isEqualTo(original);
    }

    /** The parts that decide about cuts, as GPT-2, SmolLM2, Llama 3, Qwen 2 and Mistral NeMo spell them in their own files. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "gpt-2; {'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true}",
                "smollm; {'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':true},"
                        + "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':true}]}",
                "llama-bpe; {'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':'PATTERN'},"
                        + "'behavior':'Isolated','invert':false},"
                        + "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}]}",
                "qwen2; {'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':'PATTERN'},"
                        + "'behavior':'Isolated','invert':false},"
                        + "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':false,'use_regex':false}]}",
            })
    void thePublishedSpellingsAreRecognised(String pre, String spelling) throws IOException {
        ObjectNode tokenizer = tokenizer(pre);
        String pattern =
                tokenizer.at("/pre_tokenizer/pretokenizers/0/pattern/Regex").asText();
        ObjectNode published = (ObjectNode) node("{'cuts':" + spelling + "}");
        String text =
                JSON.writeValueAsString(published.get("cuts")).replace("\"PATTERN\"", JSON.writeValueAsString(pattern));
        tokenizer.set("pre_tokenizer", JSON.readTree(text));
        tokenizer.set("post_processor", node("{'type':'ByteLevel','trim_offsets':false}"));
        Map<String, JsonNode> metadata = metadata(tokenizer);
        assertThat(metadata.get("tokenizer.ggml.pre").asText()).isEqualTo(pre);
        assertThat(metadata.get("tokenizer.ggml.add_bos_token").asBoolean())
                .as("said, because kinds differ in what they take for granted")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/pre_tokenizer | {'type':'Whitespace'} | pre-tokenizer without a name in GGUF",
                "/pre_tokenizer | {'type':'ByteLevel','add_prefix_space':true} | pre-tokenizer without a name in GGUF",
                "/pre_tokenizer | {'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':false},"
                        + "{'type':'ByteLevel','add_prefix_space':false}]} | pre-tokenizer without a name in GGUF",
                "/normalizer | {'type':'Lowercase'} | normalizer {\"type\":\"Lowercase\"}",
                "/model/ignore_merges | true | ignore_merges true",
                "/model/type | 'WordLevel' | found WordLevel",
                "/model/byte_fallback | true | byte_fallback true",
                "/model/end_of_word_suffix | '</w>' | unsupported model.end_of_word_suffix",
                "/decoder | {'type':'WordPiece'} | decoder WordPiece",
                "/post_processor | {'type':'BertProcessing'} | unsupported post_processor",
                "/post_processor | {'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x'}},"
                        + "{'SpecialToken':{'id':'x'}},{'Sequence':{'id':'A'}}],'special_tokens':{'x':{'ids':[1],'tokens':['x']}}}"
                        + " | unsupported post_processor",
                "/added_tokens/0/lstrip | true | unsupported lstrip of token <|end|>",
                "/added_tokens/0/single_word | true | unsupported single_word of token <|end|>",
            })
    void whatMetadataCannotSayIsRefusedByName(String at, String value, String message) throws IOException {
        ObjectNode tokenizer = tokenizer("smollm");
        int slash = at.lastIndexOf('/');
        ((ObjectNode) tokenizer.at(at.substring(0, slash))).set(at.substring(slash + 1), node(value));
        assertThatThrownBy(() -> metadata(tokenizer))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("tokenizer.json", message);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTokenForUnknownsIsRefusedWhereSomeByteHasNone(boolean everyByte) throws IOException {
        ObjectNode tokenizer = tokenizer("gpt-2");
        ((ObjectNode) tokenizer.get("model")).put("unk_token", "<|end|>");
        if (everyByte) {
            assertThat(metadata(tokenizer)).containsKey("tokenizer.ggml.tokens");
        } else {
            ((ObjectNode) tokenizer.at("/model/vocab")).remove("é");
            assertThatThrownBy(() -> metadata(tokenizer))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("a token for every byte");
        }
    }

    @Test
    void tokensAtTheEndsOfASequenceBecomeFlagsAndIds() throws IOException {
        ObjectNode tokenizer = tokenizer("llama-bpe");
        tokenizer.set(
                "post_processor",
                node("{'type':'Sequence','processors':[{'type':'ByteLevel'},{'type':'TemplateProcessing','single':["
                        + "{'SpecialToken':{'id':'a','type_id':0}},{'Sequence':{'id':'A','type_id':0}},"
                        + "{'SpecialToken':{'id':'b','type_id':0}}],'pair':[],'special_tokens':{"
                        + "'a':{'id':'a','ids':[7],'tokens':['a']},'b':{'id':'b','ids':[9],'tokens':['b']}}}]}"));
        Map<String, JsonNode> metadata = metadata(tokenizer);
        assertThat(metadata.get("tokenizer.ggml.add_bos_token").asBoolean()).isTrue();
        assertThat(metadata.get("tokenizer.ggml.bos_token_id").asInt()).isEqualTo(7);
        assertThat(metadata.get("tokenizer.ggml.add_eos_token").asBoolean()).isTrue();
        assertThat(metadata.get("tokenizer.ggml.eos_token_id").asInt()).isEqualTo(9);
    }

    @Test
    void specialTokensAreNamedByTheTokenizersOwnFileFirst() throws IOException {
        beside("config.json", "{\"eos_token_id\": [5, 6], \"pad_token_id\": -1, \"bos_token_id\": 3}");
        beside("generation_config.json", "{\"bos_token_id\": [4, 3]}");
        assertThat(metadata(tokenizer("smollm")))
                .extractingByKeys("tokenizer.ggml.eos_token_id", "tokenizer.ggml.bos_token_id")
                .extracting(JsonNode::asInt)
                .containsExactly(5, 4);
        beside("tokenizer_config.json", "{\"eos_token\": {\"content\": \"<|end|>\"}, \"pad_token\": \"ab\"}");
        Map<String, JsonNode> metadata = metadata(tokenizer("smollm"));
        assertThat(metadata.get("tokenizer.ggml.eos_token_id").asInt()).isEqualTo(ByteVocabulary.end());
        assertThat(metadata.get("tokenizer.ggml.padding_token_id").asInt())
                .isEqualTo(ByteVocabulary.tokens().indexOf("ab"));
        assertThat(metadata).doesNotContainKey("tokenizer.ggml.unknown_token_id");
    }

    @Test
    void theEndsOfATurnAndAMessageFollowTheEndOfAText() throws IOException {
        beside("config.json", "{\"eos_token_id\": [5, 6]}");
        beside("generation_config.json", "{\"eos_token_id\": [6, 8, 9]}");
        assertThat(metadata(tokenizer("smollm")))
                .extractingByKeys(
                        "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id")
                .extracting(JsonNode::asInt)
                .containsExactly(6, 8, 9);
    }

    @Test
    void anAddedTokenWithoutARowIsLeftOutAndOneOfTheVocabularyIsRefused() throws IOException {
        ObjectNode tokenizer = tokenizer("smollm");
        Map<String, JsonNode> without = metadata(tokenizer);
        tokenizer
                .withArray("added_tokens")
                .add(node("{'id':" + ROWS + ",'content':'[PAD]','single_word':false,'lstrip':false,'rstrip':false,"
                        + "'normalized':false,'special':true}"));
        assertThat(metadata(tokenizer)).isEqualTo(without);
        ((ObjectNode) tokenizer.at("/model/vocab")).put("zz", ROWS + 1);
        assertThatThrownBy(() -> metadata(tokenizer))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("token zz without a row", "ids 0 to " + (ROWS - 1));
    }

    @Test
    void aModelThatNamesNoEndOfSequenceIsRefused() throws IOException {
        beside("config.json", "{}");
        assertThatThrownBy(() -> metadata(tokenizer("smollm")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no end-of-sequence token");
    }

    @Test
    void chatTemplatesAreCarriedOver() throws IOException {
        beside("tokenizer_config.json", "{\"chat_template\": \"{{ messages }}\"}");
        assertThat(metadata(tokenizer("smollm")).get("tokenizer.chat_template").asText())
                .isEqualTo("{{ messages }}");
        beside(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"}, {\"name\": \"tool\", \"template\": \"t\"}]}");
        Map<String, JsonNode> several = metadata(tokenizer("smollm"));
        assertThat(several.get("tokenizer.chat_template").asText()).isEqualTo("d");
        assertThat(several.get("tokenizer.chat_template.tool").asText()).isEqualTo("t");
        assertThat(several.get("tokenizer.chat_templates").toString()).isEqualTo("[\"tool\"]");
        beside("chat_template.jinja", "its own file");
        assertThat(metadata(tokenizer("smollm")).get("tokenizer.chat_template").asText())
                .isEqualTo("its own file");
    }

    @Test
    void idsWithoutATokenAreFilledUpAndReadBackAsNone() throws IOException {
        Map<String, JsonNode> metadata = metadata(tokenizer("smollm"));
        assertThat(metadata.get("tokenizer.ggml.tokens")).hasSize(ROWS);
        assertThat(metadata.get("tokenizer.ggml.token_type").get(ROWS - 1).asInt())
                .isEqualTo(GgufTokenizer.UNUSED);
        try (Tokenizer read = JsonTokenizer.of(GgufTokenizer.json("m", metadata), "m")) {
            assertThat(read.size()).isEqualTo(ByteVocabulary.tokens().size());
            assertThat(read.token(ROWS - 1)).isEqualTo("[unused 299]");
        }
    }

    @Test
    void aCheckpointWithoutTokenizerSaysSoAndOneInAnotherFormIsRefused() throws IOException {
        metadata(tokenizer("smollm"));
        Files.delete(directory.resolve("tokenizer.json"));
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            Map<String, JsonNode> none = Tokenizer.metadata(checkpoint, ROWS);
            assertThat(none.get("tokenizer.ggml.model").asText()).isEqualTo("none");
            assertThat(GgufTokenizer.isDescribed(none)).isFalse();
            beside("tokenizer.model", "sentences");
            assertThatThrownBy(() -> Tokenizer.metadata(checkpoint, ROWS))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("tokenizer.model", "tokenizer.json");
        }
    }
}
