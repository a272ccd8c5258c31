package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How text is cut before byte-pair merging, by the names that GGUF's {@code tokenizer.ggml.pre} uses. The patterns are those that the models
 * publish in their own tokenizer.json.
 *
 * @param pattern whose matches are cut out; empty where GPT-2's own is used, which the library knows
 * @param singleDigits whether every digit is cut out by itself first
 * @param composed whether text is brought to Unicode's composed form (NFC) first
 * @param wholeWords whether a word that is a token as it stands is taken without merging
 * @param beginsSequence whether these models begin a sequence with a token of its own where the file does not say
 */
record PreTokenizer(
        Optional<String> pattern, boolean singleDigits, boolean composed, boolean wholeWords, boolean beginsSequence) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final String CONTRACTION_OR_WORD = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
    private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String SIGNS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    private static final PreTokenizer GPT2 = new PreTokenizer(Optional.empty(), false, false, false, false);
    private static final PreTokenizer DIGITS = new PreTokenizer(Optional.empty(), true, false, false, false);
    /** Digits in groups of three. */
    private static final PreTokenizer LLAMA3 =
            split(String.join("|", CONTRACTION_OR_WORD, "\\p{N}{1,3}", SIGNS, SPACES), false, true, true);

    private static final PreTokenizer QWEN2 =
            split(String.join("|", CONTRACTION_OR_WORD, "\\p{N}", SIGNS, SPACES), true, false, false);
    /** Words end where capitals begin. */
    private static final PreTokenizer TEKKEN = split(
            String.join(
                    "|",
                    "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+",
                    "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "+" + LOWER + "*",
                    "\\p{N}",
                    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
                    SPACES),
            false,
            true,
            true);

    private static final Map<String, PreTokenizer> BY_NAME = Map.of(
            "default", GPT2,
            "gpt-2", GPT2,
            "phi-2", GPT2,
            "smollm", DIGITS,
            "starcoder", DIGITS,
            "llama-bpe", LLAMA3,
            "llama-v3", LLAMA3,
            "llama3", LLAMA3,
            "qwen2", QWEN2,
            "tekken", TEKKEN);

    /** The names under which a file is written, one of each kind. */
    private static final List<String> WRITTEN = List.of("gpt-2", "smollm", "llama-bpe", "qwen2", "tekken");

    static Optional<PreTokenizer> of(String ggufName) {
        return Optional.ofNullable(BY_NAME.get(ggufName));
    }

    static List<String> knownNames() {
        return BY_NAME.keySet().stream().sorted().toList();
    }

    /** The normalizer of a tokenizer.json; a null node where there is none. */
    JsonNode normalizer() {
        return composed ? typed("NFC") : NODES.nullNode();
    }

    /** The pre_tokenizer of a tokenizer.json. */
    ObjectNode preTokenizer(boolean addPrefixSpace) {
        ObjectNode sequence = typed("Sequence");
        ArrayNode steps = sequence.putArray("pretokenizers");
        if (singleDigits) {
            steps.add(typed("Digits").put("individual_digits", true));
        }
        pattern.ifPresent(regex -> {
            ObjectNode split = steps.addObject().put("type", "Split");
            split.putObject("pattern").put("Regex", regex);
            split.put("behavior", "Isolated").put("invert", false);
        });
        steps.add(byteLevel(addPrefixSpace, pattern.isEmpty()));
        return sequence;
    }

    /** The step that spells bytes, as pre-tokenizer and as decoder. */
    static ObjectNode byteLevel(boolean addPrefixSpace, boolean ownPattern) {
        return typed("ByteLevel")
                .put("add_prefix_space", addPrefixSpace)
                .put("trim_offsets", true)
                .put("use_regex", ownPattern);
    }

    /** The name in GGUF of how a tokenizer.json cuts text; empty where a reader of no name would make the same cuts. */
    static Optional<String> ggufName(JsonNode tokenizer) {
        List<JsonNode> cuts = cuts(
                tokenizer.path("normalizer"),
                tokenizer.path("pre_tokenizer"),
                tokenizer.at("/model/ignore_merges").asBoolean());
        return WRITTEN.stream()
                .filter(name -> BY_NAME.get(name).cuts().equals(cuts))
                .findFirst();
    }

    private List<JsonNode> cuts() {
        return cuts(normalizer(), preTokenizer(false), wholeWords);
    }

    /** Everything that decides where text is cut, step by step. */
    private static List<JsonNode> cuts(JsonNode normalizer, JsonNode preTokenizer, boolean wholeWords) {
        List<JsonNode> cuts = new ArrayList<>(steps(normalizer, "normalizers"));
        steps(preTokenizer, "pretokenizers").forEach(step -> cuts.add(plain(step)));
        cuts.add(BooleanNode.valueOf(wholeWords));
        return cuts;
    }

    /** The steps of a sequence, the one step that is no sequence, or none. */
    private static List<JsonNode> steps(JsonNode part, String inSequence) {
        if (part.path("type").asText().equals("Sequence")) {
            List<JsonNode> steps = new ArrayList<>();
            part.path(inSequence).forEach(steps::add);
            return steps;
        }
        return part.isObject() ? List.of(part) : List.of();
    }

    /** A step with what it takes for granted spelled out and without what changes offsets alone. */
    private static JsonNode plain(JsonNode step) {
        if (!step.path("type").asText().equals("ByteLevel")) {
            return step;
        }
        ObjectNode plain = step.deepCopy();
        plain.remove("trim_offsets");
        return plain.put("use_regex", step.path("use_regex").asBoolean(true));
    }

    /** A part of a tokenizer.json. */
    static ObjectNode typed(String type) {
        return NODES.objectNode().put("type", type);
    }

    private static PreTokenizer split(String pattern, boolean composed, boolean wholeWords, boolean beginsSequence) {
        return new PreTokenizer(Optional.of(pattern), false, composed, wholeWords, beginsSequence);
    }
}
