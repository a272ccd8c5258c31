package modelpatch.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import modelpatch.BadInput;
import modelpatch.NativeLibraries;
import modelpatch.Numbers;
import modelpatch.document.Json;

/** A tokenizer.json, run by the tokenizers library that wrote it. Its offsets count code points; ours count UTF-16 characters. */
final class JsonTokenizer implements Tokenizer {
    private final HuggingFaceTokenizer library;
    private final String[] tokens;
    /** How many tokens the post-processor puts behind a text, which would end it. */
    private final int closing;

    private JsonTokenizer(HuggingFaceTokenizer library, String[] tokens, int closing) {
        this.library = library;
        this.tokens = tokens;
        this.closing = closing;
    }

    static JsonTokenizer read(Path file) {
        try {
            return of(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    /**
     * Opens the text of a tokenizer.json.
     *
     * @param json UTF-8; not modified
     * @param where what to name in messages
     */
    static JsonTokenizer of(byte[] json, String where) {
        try {
            JsonNode parsed = Json.parse(json, where);
            String[] tokens = Vocabulary.tokens(parsed, where);
            TokenizerCheck.requireUsable(parsed, where);
            NativeLibraries.locate();
            // Both are on by default, whatever the file says.
            Map<String, String> options = new HashMap<>(Map.of("truncation", "false", "padding", "false"));
            return new JsonTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options),
                    tokens,
                    SequenceEnds.closing(parsed.path("post_processor")).size());
        } catch (IOException | RuntimeException e) {
            if (e instanceof BadInput bad) {
                throw bad;
            }
            throw BadInput.of(where, "the tokenizers library refuses it: " + e.getMessage())
                    .causedBy(e);
        }
    }

    @Override
    public Encoding encodeWithOffsets(String text) {
        return encoded(text, true, closing);
    }

    @Override
    public Encoding encodeContinuationWithOffsets(String text) {
        return encoded(text, false, 0);
    }

    /** @param behind how many tokens at the end to leave out */
    private Encoding encoded(String text, boolean addSpecialTokens, int behind) {
        var encoding = run(text, addSpecialTokens);
        int count = encoding.getIds().length - behind;
        CharSpan[] spans = Arrays.copyOf(encoding.getCharTokenSpans(), count);
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        CodePoints points = new CodePoints(text);
        int last = 0;
        for (int i = 0; i < spans.length; i++) {
            starts[i] = spans[i] == null ? last : points.utf16(spans[i].getStart());
            ends[i] = spans[i] == null ? last : points.utf16(spans[i].getEnd());
            last = ends[i];
        }
        return new Encoding(ints(Arrays.copyOf(encoding.getIds(), count)), starts, ends);
    }

    @Override
    public int[] encode(String text) {
        return open(run(text, true).getIds());
    }

    @Override
    public int[] encodeContinuation(String text) {
        return ints(run(text, false).getIds());
    }

    @Override
    public String decode(int[] ids) {
        return library.decode(
                Arrays.stream(ids).filter(this::hasToken).asLongStream().toArray(), false);
    }

    @Override
    public String token(int id) {
        return hasToken(id) ? tokens[id] : "[unused " + id + "]";
    }

    @Override
    public int size() {
        return tokens.length;
    }

    @Override
    public void close() {
        library.close();
    }

    private ai.djl.huggingface.tokenizers.Encoding run(String text, boolean addSpecialTokens) {
        requireText(text);
        try {
            return library.encode(text, addSpecialTokens, false);
        } catch (RuntimeException e) { // as a vocabulary of words without one for unknown words does
            throw BadInput.of("text to encode", "the tokenizer cannot encode it: " + e.getMessage())
                    .causedBy(e);
        }
    }

    /** Without what closes the text. */
    private int[] open(long[] ids) {
        return ints(Arrays.copyOf(ids, ids.length - closing));
    }

    private boolean hasToken(int id) {
        return id >= 0 && id < tokens.length && tokens[id] != null;
    }

    private static int[] ints(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    /** The way into the library turns these two into other characters without a word. */
    private static void requireText(String text) {
        OptionalInt bad = text.codePoints()
                .filter(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
                .findFirst();
        if (bad.isPresent()) {
            throw new BadInput(
                    "a character that is none",
                    "text to encode",
                    "Unicode text",
                    Numbers.format("U+%04X at character %d", bad.getAsInt(), text.indexOf(bad.getAsInt())),
                    "was the file read in the wrong encoding?");
        }
    }

    /** Converts rising counts of code points to counts of UTF-16 characters, in one pass over the text. */
    private static final class CodePoints {
        private final int[] utf16;

        CodePoints(String text) {
            int count = text.codePointCount(0, text.length());
            utf16 = new int[count + 1];
            for (int point = 0; point < count; point++) {
                utf16[point + 1] = text.offsetByCodePoints(utf16[point], 1);
            }
        }

        int utf16(int point) {
            return utf16[point];
        }
    }
}
