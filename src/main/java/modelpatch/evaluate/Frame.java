package modelpatch.evaluate;

import java.util.Arrays;
import modelpatch.tokenizer.Encoding;
import modelpatch.tokenizer.Tokenizer;

/**
 * What stands around every prompt. A model's answer follows behind it.
 *
 * @param before the beginning of a chat, if any, and the demonstrations
 * @param after the end of a user's turn and the beginning of the model's; empty without a chat
 * @param chat whether it is a chat: then the texts hold every token that the model's makers put there, and the tokenizer adds none of its own
 */
public record Frame(String before, String after, boolean chat) {
    /** Nothing: the prompt as it stands. */
    public static final Frame NONE = new Frame("", "", false);

    /** A chat without demonstrations. */
    public static Frame of(Chat chat) {
        return new Frame(chat.before(), chat.after(), true);
    }

    /** What stands between prompt and answer: the space of a sentence that goes on, nothing where a turn begins. */
    public String gap() {
        return chat ? "" : " ";
    }

    /** A prompt, or a prompt with what a model said, as the one text that it is. */
    public String around(String prompt, String said) {
        return before + prompt + after + said;
    }

    /** The ids of a text that begins as this does. */
    public int[] encode(Tokenizer tokenizer, String text) {
        return chat ? tokenizer.encodeContinuation(text) : tokenizer.encode(text);
    }

    /** As {@link #encode}, with the place of every token in the text. */
    public Encoding encodeWithOffsets(Tokenizer tokenizer, String text) {
        return chat ? tokenizer.encodeContinuationWithOffsets(text) : tokenizer.encodeWithOffsets(text);
    }

    /** The ids of an answer where the model begins to say it. */
    public int[] answer(Tokenizer tokenizer, String answer) {
        if (!chat) {
            return tokenizer.encodeContinuation(" " + answer);
        }
        int[] without = encode(tokenizer, after);
        int[] with = encode(tokenizer, after + answer);
        int shared = Arrays.mismatch(without, with);
        return Arrays.copyOfRange(with, shared < 0 ? with.length : shared, with.length);
    }
}
