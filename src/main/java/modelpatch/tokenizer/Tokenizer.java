package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;

/**
 * Turns text into the token ids of one model and back.
 *
 * <p>Nothing is ever cut off or padded. Names of special tokens inside a text ({@code <|im_end|>}) become those tokens, as they do in the
 * library that trained models use.
 */
public interface Tokenizer extends AutoCloseable {
    /**
     * The tokenizer of a checkpoint: tokenizer.json beside the weights, or else the one that a GGUF file's metadata describes.
     *
     * @throws BadInput where there is none, or a broken one
     */
    static Tokenizer of(Checkpoint checkpoint) {
        return find(checkpoint)
                .orElseThrow(() -> new BadInput(
                        "no tokenizer",
                        checkpoint.path().toString(),
                        "tokenizer.json beside the weights",
                        "none",
                        "copy the model's tokenizer.json there"));
    }

    /**
     * As {@link #of}, empty for a checkpoint that brings none.
     *
     * @throws BadInput where there is a broken one
     */
    static Optional<Tokenizer> find(Checkpoint checkpoint) {
        Optional<Path> file = checkpoint.tokenizerFile();
        if (file.isPresent()) {
            return Optional.of(JsonTokenizer.read(file.get()));
        }
        String where = "tokenizer metadata of " + checkpoint.path();
        return GgufTokenizer.isDescribed(checkpoint.metadata())
                ? Optional.of(JsonTokenizer.of(GgufTokenizer.json(where, checkpoint.metadata()), where))
                : Optional.empty();
    }

    /**
     * The text of the tokenizer.json, in UTF-8, that a GGUF checkpoint describes in its metadata; empty where it describes none, or one of a
     * kind that is not known.
     */
    static Optional<byte[]> described(Checkpoint checkpoint) {
        return GgufTokenizer.isKnown(checkpoint.metadata())
                ? Optional.of(GgufTokenizer.json(checkpoint.path().toString(), checkpoint.metadata()))
                : Optional.empty();
    }

    /**
     * The GGUF key-values that the tokenizer.json of a checkpoint amounts to, the inverse of {@link #described}; of a checkpoint without one,
     * that there is none.
     *
     * @param rows the rows of the embedding, one per id; ids without a token are filled up
     * @throws BadInput for a tokenizer that GGUF has no word for, naming what
     */
    static Map<String, JsonNode> metadata(Checkpoint checkpoint, int rows) {
        return TokenizerMetadata.of(checkpoint, rows);
    }

    /**
     * Reads a tokenizer.json.
     *
     * @throws BadInput where it is missing or broken
     */
    static Tokenizer read(Path file) {
        return JsonTokenizer.read(file);
    }

    /**
     * The ids of a text that begins a sequence and may go on. Special tokens are put before it where, and only where, the tokenizer's own
     * post-processor says so: a Llama 3 text gets its beginning-of-sequence token, a SmolLM2 or GPT-2 text gets none. What a post-processor
     * puts behind a text is left out: a model that has read the end of a text answers it no more.
     *
     * @throws BadInput for text that is no text: an unpaired surrogate or a NUL character
     */
    default int[] encode(String text) {
        return encodeWithOffsets(text).ids();
    }

    /** The ids of a text that continues a sequence: nothing is added, whatever the post-processor says. */
    int[] encodeContinuation(String text);

    /** As {@link #encode}, with the place of every token in the text. */
    Encoding encodeWithOffsets(String text);

    /** As {@link #encodeContinuation}, with the place of every token in the text. */
    Encoding encodeContinuationWithOffsets(String text);

    /** The text of some tokens, special tokens by their names; an id without a token adds nothing. */
    String decode(int[] ids);

    /**
     * A token as the vocabulary spells it ({@code ĠParis}); {@code [unused 50300]} for an id without one, because embeddings may have more rows
     * than the vocabulary has tokens.
     */
    String token(int id);

    /** Whether a text survives the way into token ids and back, but for its blanks: a vocabulary of words loses what it does not hold. */
    default boolean canWrite(String text) {
        return decode(encodeContinuation(text)).replaceAll("\\s+", "").equals(text.replaceAll("\\s+", ""));
    }

    /** One more than the largest id of a token. */
    int size();

    /**
     * This tokenizer for a model whose embedding may have fewer rows than there are ids, as where a padding token was added that no text
     * holds: it refuses a text with a token that has no row, when it is asked to encode one.
     *
     * @param rows the rows of the embedding, one per id
     */
    default Tokenizer within(int rows) {
        return size() <= rows ? this : new TokenizerWithin(this, rows);
    }

    /** Frees what the tokenizer holds outside of Java; nothing may be called afterwards. */
    @Override
    default void close() {}
}
