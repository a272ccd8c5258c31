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
import java.util.TreeMap;

/**
 * How text is cut before byte-pair merging, by the names that GGUF's {@code tokenizer.ggml.pre} uses. The patterns are those that the models
 * publish in their own tokenizer.json.
 *
 * @param patterns whose matches are cut out, one after the other; none where only GPT-2's own is used, which the library knows
 * @param singleDigits whether every digit is cut out by itself first
 * @param composed whether text is brought to Unicode's composed form (NFC) first
 * @param wholeWords whether a word that is a token as it stands is taken without merging
 * @param beginsSequence whether these models begin a sequence with a token of its own where the file does not say
 */
record PreTokenizer(
        List<String> patterns, boolean singleDigits, boolean composed, boolean wholeWords, boolean beginsSequence) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private static final String CONTRACTION_OR_WORD = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
    private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String SIGNS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
    private static final String WORD_TO_CAPITAL = "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+";
    private static final String CAPITALS_AND_REST = "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "+" + LOWER + "*";
    private static final String SIGNS_AND_SLASHES = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";

    private static final PreTokenizer GPT2 = new PreTokenizer(List.of(), false, false, false, false);
    private static final PreTokenizer DIGITS = new PreTokenizer(List.of(), true, false, false, false);
    /** Digits in groups of three. */
    private static final PreTokenizer LLAMA3 =
            split(String.join("|", CONTRACTION_OR_WORD, "\\p{N}{1,3}", SIGNS, SPACES), false, true, true);

    private static final PreTokenizer QWEN2 =
            split(String.join("|", CONTRACTION_OR_WORD, "\\p{N}", SIGNS, SPACES), true, false, false);
    /** Words end where capitals begin. */
    private static final PreTokenizer TEKKEN = split(
            String.join("|", WORD_TO_CAPITAL, CAPITALS_AND_REST, "\\p{N}", SIGNS_AND_SLASHES, SPACES),
            false,
            true,
            true);
    /** Words end where capitals begin, and contractions belong to them. */
    private static final PreTokenizer GPT4O = split(
            String.join(
                    "|",
                    WORD_TO_CAPITAL + CONTRACTION,
                    CAPITALS_AND_REST + CONTRACTION,
                    "\\p{N}{1,3}",
                    SIGNS_AND_SLASHES,
                    SPACES),
            false,
            false,
            false);

    private static final String GPT2_PATTERN =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final String THREE_DIGITS = "[0-9][0-9][0-9]";
    private static final PreTokenizer FALCON = inSteps("[\\p{P}$+<=>^~|`]+", GPT2_PATTERN, THREE_DIGITS);
    /** What llama.cpp does with files of models that its converter did not know. */
    private static final PreTokenizer UNKNOWN = inSteps("[\\p{P}$+<=>^~|]+", GPT2_PATTERN, "\\p{N}+", THREE_DIGITS);

    private static final PreTokenizer BLOOM = inSteps(" ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+");
    private static final PreTokenizer DEEPSEEK3 = inSteps(
            "\\p{N}{1,3}",
            "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                    + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|" + SPACES);

    /**
     * The kinds with their names. (Sources: the names of llama.cpp's llama-vocab.cpp with their cuts, whole words and first token; composition as
     * the classes of transformers for Qwen 2, GPT-NeoX, whose tokenizer MPT and OLMo have, and Cohere do it.)
     */
    private static final Map<String, PreTokenizer> BY_NAME = byName(Map.ofEntries(
            Map.entry(GPT2, List.of("gpt-2", "phi-2", "jais", "exaone4")),
            Map.entry(GPT2.composing(), List.of("mpt", "olmo")),
            Map.entry(DIGITS, List.of("smollm", "starcoder", "refact", "codeshell", "exaone", "minerva-7b")),
            Map.entry(DIGITS.composing(), List.of("command-r")),
            Map.entry(LLAMA3, List.of("llama-bpe", "llama-v3", "llama3", "falcon3", "pixtral")),
            Map.entry(LLAMA3.merging(), List.of("smaug-bpe", "dbrx", "chatglm-bpe", "glm4")),
            Map.entry(QWEN2, List.of("qwen2")),
            Map.entry(QWEN2.asItIs(), List.of("deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan")),
            Map.entry(TEKKEN, List.of("tekken")),
            Map.entry(GPT4O, List.of("gpt-4o", "llama4")),
            Map.entry(FALCON, List.of("falcon")),
            Map.entry(UNKNOWN, List.of("default")),
            Map.entry(BLOOM, List.of("bloom")),
            Map.entry(DEEPSEEK3, List.of("deepseek-v3", "hunyuan-dense"))));

    private static Map<String, PreTokenizer> byName(Map<PreTokenizer, List<String>> kinds) {
        Map<String, PreTokenizer> named = new TreeMap<>();
        kinds.forEach((kind, names) -> names.forEach(name -> named.put(name, kind)));
        return named;
    }

    private PreTokenizer composing() {
        return new PreTokenizer(patterns, singleDigits, true, wholeWords, beginsSequence);
    }

    /** Without composition. */
    private PreTokenizer asItIs() {
        return new PreTokenizer(patterns, singleDigits, false, wholeWords, beginsSequence);
    }

    /** Every word is merged, and a sequence begins as the file says. */
    private PreTokenizer merging() {
        return new PreTokenizer(patterns, singleDigits, composed, false, false);
    }

    /** The names under which a file is written, one of each kind. */
    private static final List<String> WRITTEN = List.of(
            "gpt-2",
            "mpt",
            "smollm",
            "command-r",
            "llama-bpe",
            "smaug-bpe",
            "qwen2",
            "stablelm2",
            "tekken",
            "gpt-4o",
            "falcon",
            "default",
            "bloom",
            "deepseek-v3");

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
        patterns.forEach(regex -> {
            ObjectNode split = steps.addObject().put("type", "Split");
            split.putObject("pattern").put("Regex", regex);
            split.put("behavior", "Isolated").put("invert", false);
        });
        steps.add(byteLevel(addPrefixSpace, patterns.isEmpty()));
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

    private static PreTokenizer inSteps(String... patterns) {
        return new PreTokenizer(List.of(patterns), false, false, false, false);
    }

    private static PreTokenizer split(String pattern, boolean composed, boolean wholeWords, boolean beginsSequence) {
        return new PreTokenizer(List.of(pattern), false, composed, wholeWords, beginsSequence);
    }
}
