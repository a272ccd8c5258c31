package modelpatch.model;

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

    static Optional<PreTokenizer> of(String ggufName) {
        return Optional.ofNullable(BY_NAME.get(ggufName));
    }

    static List<String> knownNames() {
        return BY_NAME.keySet().stream().sorted().toList();
    }

    private static PreTokenizer split(String pattern, boolean composed, boolean wholeWords, boolean beginsSequence) {
        return new PreTokenizer(Optional.of(pattern), false, composed, wholeWords, beginsSequence);
    }
}
