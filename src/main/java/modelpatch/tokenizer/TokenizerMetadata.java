package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.document.Json;

/**
 * The GGUF key-values that a tokenizer.json amounts to, the inverse of {@link GgufTokenizer}. What they have no word for is refused by name,
 * because a reader would cut text otherwise than the model has learned it. (Sources: the GGUF specification's tokenizer keys; the JSON format
 * of the tokenizers library.)
 */
final class TokenizerMetadata {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int BYTES = 256;
    /** The ends of a text, a turn and a message: readers stop at each of them, and the format has no word for more. */
    private static final List<String> ENDS = List.of("eos", "eot", "eom");

    private static final List<String> OTHER_FORMS = List.of("tokenizer.model", "vocab.json", "spiece.model");

    private final Path file;
    private final JsonNode tokenizer;
    private final SpecialTokens special;
    private final Map<String, JsonNode> chatTemplates;
    private final String[] tokens;
    private final Map<String, JsonNode> keyValues = new LinkedHashMap<>();

    private TokenizerMetadata(Path file, JsonNode config, int rows) {
        this.file = file;
        this.tokenizer = Json.object(file);
        TokenizerCheck.requireUsable(tokenizer, file.toString());
        this.tokens = Arrays.copyOf(Vocabulary.tokens(tokenizer, file.toString()), rows);
        requireRows(tokenizer.path("model").path("vocab"), rows);
        Path directory = file.toAbsolutePath().getParent();
        JsonNode named = beside(directory, "tokenizer_config.json");
        this.special = SpecialTokens.of(tokens, named, List.of(beside(directory, "generation_config.json"), config));
        this.chatTemplates = ChatTemplates.of(directory, named);
    }

    /**
     * The key-values of a checkpoint's tokenizer.json and the files beside it; that there is none for a checkpoint without any tokenizer.
     *
     * @param rows of the embedding; ids without a token are filled up
     * @throws BadInput for a tokenizer that GGUF has no word for
     */
    static Map<String, JsonNode> of(Checkpoint checkpoint, int rows) {
        Optional<Path> file = checkpoint.tokenizerFile();
        if (file.isEmpty()) {
            requireNoOther(checkpoint);
            return Map.of("tokenizer.ggml.model", TextNode.valueOf(GgufTokenizer.NONE));
        }
        TokenizerMetadata metadata = new TokenizerMetadata(file.get(), checkpoint.config(), rows);
        metadata.describe();
        return metadata.keyValues;
    }

    /** Added tokens without a row are left out, as no text that the model reads can hold them; others take part in merges. */
    private void requireRows(JsonNode vocabulary, int rows) {
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            if (entry.getValue().asInt() >= rows && !isAdded(entry.getValue().asInt())) {
                throw refuse(
                        "token " + entry.getKey() + " without a row in the embedding",
                        "ids 0 to " + (rows - 1),
                        entry.getValue().toString());
            }
        }
    }

    private boolean isAdded(int id) {
        for (JsonNode added : tokenizer.path("added_tokens")) {
            if (added.path("id").asInt() == id) {
                return true;
            }
        }
        return false;
    }

    private static JsonNode beside(Path directory, String name) {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Json.object(file) : MissingNode.getInstance();
    }

    private static void requireNoOther(Checkpoint checkpoint) {
        Path weights = checkpoint.tensors().get(checkpoint.tensors().firstKey()).file();
        for (String other : OTHER_FORMS) {
            if (Files.exists(weights.resolveSibling(other))) {
                throw new BadInput(
                        "tokenizer in another form",
                        weights.resolveSibling(other).toString(),
                        "tokenizer.json beside it",
                        "none",
                        "save the tokenizer with transformers, which writes tokenizer.json");
            }
        }
    }

    private void describe() {
        requireBytePairs();
        String pre = PreTokenizer.ggufName(tokenizer)
                .orElseThrow(() -> refuse(
                        "pre-tokenizer without a name in GGUF",
                        "the cuts of one of " + PreTokenizer.knownNames(),
                        "pre_tokenizer " + shortened("pre_tokenizer") + ", normalizer " + shortened("normalizer")
                                + ", ignore_merges "
                                + tokenizer.at("/model/ignore_merges").asBoolean()));
        put("model", TextNode.valueOf(GgufTokenizer.BYTE_LEVEL_PAIRS));
        put("pre", TextNode.valueOf(pre));
        vocabulary();
        merges();
        SequenceEnds ends = SequenceEnds.of(tokenizer.path("post_processor"), file.toString());
        put("add_bos_token", BooleanNode.valueOf(ends.first().isPresent()));
        put("add_eos_token", BooleanNode.valueOf(ends.last().isPresent()));
        role("bos", ends.first().isPresent() ? ends.first() : special.begin());
        Set<Integer> all = new LinkedHashSet<>();
        ends.last().ifPresent(all::add);
        all.addAll(special.ends());
        if (all.isEmpty()) {
            throw refuse(
                    "no end-of-sequence token",
                    "eos_token_id in config.json, because llama.cpp takes token 11 where a file names none",
                    "none");
        }
        Iterator<String> roles = ENDS.iterator();
        for (int end : all) {
            if (roles.hasNext()) {
                role(roles.next(), OptionalInt.of(end));
            }
        }
        role("unknown", special.unknown());
        role("padding", special.padding());
        keyValues.putAll(chatTemplates);
    }

    private void requireBytePairs() {
        JsonNode model = tokenizer.path("model");
        String type = model.path("type").asText();
        if (!type.equals("BPE") || !tokenizer.at("/decoder/type").asText().equals("ByteLevel")) {
            throw refuse(
                    "tokenizer without a GGUF form",
                    "byte-level byte pairs",
                    type + " with decoder " + tokenizer.at("/decoder/type").asText("none"));
        }
        for (String affix : new String[] {"continuing_subword_prefix", "end_of_word_suffix"}) {
            if (!model.path(affix).asText("").isEmpty() && !model.path(affix).isNull()) {
                throw refuse(
                        "unsupported model." + affix, "none", model.path(affix).toString());
            }
        }
        boolean unknowns = model.path("byte_fallback").asBoolean()
                || (model.path("unk_token").isTextual() && !everyByte(model.path("vocab")));
        if (unknowns) {
            throw refuse(
                    "tokens for what the vocabulary lacks",
                    "a token for every byte, and no byte_fallback",
                    "unk_token " + model.path("unk_token") + ", byte_fallback " + model.path("byte_fallback"));
        }
    }

    /** Byte-level vocabularies spell the bytes by 256 characters below U+0144: 188 that print and 68 that follow U+00FF. */
    private static boolean everyByte(JsonNode vocabulary) {
        int spelled = 0;
        for (char spelling = '!'; spelling < 0x144; spelling++) {
            spelled += vocabulary.has(String.valueOf(spelling)) ? 1 : 0;
        }
        return spelled == BYTES;
    }

    private void vocabulary() {
        int[] types = new int[tokens.length];
        Arrays.fill(types, GgufTokenizer.NORMAL);
        for (JsonNode added : tokenizer.path("added_tokens")) {
            if (added.path("id").asInt() >= tokens.length) {
                continue;
            }
            requirePlain(added);
            types[added.path("id").asInt()] =
                    added.path("special").asBoolean() ? GgufTokenizer.CONTROL : GgufTokenizer.USER_DEFINED;
        }
        ArrayNode texts = NODES.arrayNode(tokens.length);
        ArrayNode kinds = NODES.arrayNode(tokens.length);
        for (int id = 0; id < tokens.length; id++) {
            texts.add(tokens[id] == null ? "[PAD" + id + "]" : tokens[id]);
            kinds.add(tokens[id] == null ? GgufTokenizer.UNUSED : types[id]);
        }
        put("tokens", texts);
        put("token_type", kinds);
    }

    /** An added token is found in the text as it stands, blanks around it untouched. */
    private void requirePlain(JsonNode added) {
        String content = added.path("content").asText();
        for (String flag : new String[] {"lstrip", "rstrip", "single_word"}) {
            if (added.path(flag).asBoolean()) {
                throw refuse("unsupported " + flag + " of token " + content, "false", "true");
            }
        }
        if (added.path("normalized").asBoolean() && !Normalizer.isNormalized(content, Normalizer.Form.NFC)) {
            throw refuse("normalized token " + content, "one that Unicode's composed form leaves as it is", "another");
        }
    }

    private void merges() {
        ArrayNode merges = NODES.arrayNode();
        for (JsonNode merge : tokenizer.at("/model/merges")) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).asText() + " " + merge.path(1).asText()
                            : merge.asText());
        }
        put("merges", merges);
    }

    private void role(String role, OptionalInt id) {
        id.ifPresent(token -> put(role + "_token_id", LongNode.valueOf(token)));
    }

    private void put(String key, JsonNode value) {
        keyValues.put("tokenizer.ggml." + key, value);
    }

    private String shortened(String part) {
        String text = tokenizer.path(part).toString();
        return text.length() > 200 ? text.substring(0, 200) + ".." : text;
    }

    private BadInput refuse(String what, String expected, String found) {
        return new BadInput(
                what,
                file.toString(),
                expected,
                found,
                "export it as safetensors or ONNX, or copy the model without tokenizer.json for a file that is used by token ids"
                        + " alone");
    }
}
