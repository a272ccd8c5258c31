package modelpatch.evaluate;

import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.model.AnswerModel;

/**
 * Turns prompts into token ids. Frame, prompt and answer are always encoded as the one text that they are, and parted afterwards: encoded
 * apart they may get ids that the model never sees in text.
 */
public final class PromptEncoder {
    private final AnswerModel model;
    private final Frame frame;
    private final int[] prefixIds;

    /** @param frame what stands around every prompt */
    public PromptEncoder(AnswerModel model, Frame frame) {
        this.model = model;
        this.frame = frame;
        this.prefixIds = frame.before().isEmpty() ? new int[0] : frame.encode(model.tokenizer(), frame.before());
    }

    /** Whether the vocabulary has all of a text. */
    public boolean canWrite(String text) {
        return model.tokenizer().canWrite(text);
    }

    /**
     * The ids of prefix and prompt, [pos], with room for {@code newTokens} more.
     *
     * @throws BadInput for an empty prompt and for one that the model's context cannot hold
     */
    public int[] encode(String prompt, int newTokens) {
        return encode(prompt, "", newTokens);
    }

    private int[] encode(String prompt, String said, int newTokens) {
        int[] ids = frame.encode(model.tokenizer(), frame.around(prompt, said));
        if (prompt.isBlank() || ids.length == 0) {
            throw new BadInput("empty prompt", "prompt", "some text", "'" + prompt + "'", "give the question's text");
        }
        if (ids.length + newTokens > model.contextLength()) {
            throw new BadInput(
                    "prompt beyond the context",
                    "prompt '" + abridged(prompt) + "'",
                    "at most " + model.contextLength() + " tokens with prefix and answer",
                    String.valueOf(ids.length + newTokens),
                    "use fewer demonstrations or a shorter prompt");
        }
        return ids;
    }

    /**
     * The token that holds a character of a prompt, as an index into {@link #encode(String, int)}.
     *
     * @throws BadInput where none does, as for white space that a tokenizer drops
     */
    public int tokenOf(String prompt, int character) {
        return frame.encodeWithOffsets(model.tokenizer(), frame.around(prompt, ""))
                .tokenHolding(frame.before().length() + character)
                .orElseThrow(() -> new BadInput(
                        "no token holds the end of the phrase",
                        "prompt '" + prompt + "'",
                        "a token for the character at index " + character,
                        "none",
                        "end the phrase with a letter or digit"));
    }

    /**
     * A prompt with several answers.
     *
     * @param answers each as it stands behind what follows the prompt
     */
    public Continued encode(String prompt, List<String> answers) {
        int[] alone = encode(prompt, 0);
        List<int[]> whole = answers.stream()
                .map(answer -> encode(prompt, frame.gap() + answer, 0))
                .toList();
        // A vocabulary may join the prompt's last characters with the answer's first; then all answers are scored from
        // the last token that
        // every one of them leaves alone, so that their probabilities are of the same text.
        int shared = alone.length;
        for (int[] ids : whole) {
            shared = Math.min(shared, Math.min(commonLength(alone, ids), ids.length - 1));
        }
        if (shared == 0) {
            throw new BadInput(
                    "no token before the answer",
                    "prompt '" + abridged(prompt) + "'",
                    "a prompt that keeps a token when the answer follows",
                    "none",
                    "use a longer prompt or a few-shot prefix");
        }
        int from = shared;
        return new Continued(
                Arrays.copyOf(alone, from),
                from < alone.length,
                whole.stream()
                        .map(ids -> Arrays.copyOfRange(ids, from, ids.length))
                        .toList());
    }

    /**
     * The part that all sequences share, at most the few-shot prefix, so that its keys and values are computed once. Every sequence keeps at
     * least one token of its own.
     */
    public int[] shared(List<int[]> sequences) {
        int length = prefixIds.length;
        for (int[] ids : sequences) {
            length = Math.min(length, Math.min(commonLength(prefixIds, ids), ids.length - 1));
        }
        return Arrays.copyOf(prefixIds, length);
    }

    /**
     * Prompts without what they share.
     *
     * @param prefix the ids that stand before every prompt, [pos]
     * @param ids of each prompt after them, [pos]
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Parted(int[] prefix, List<int[]> ids) {}

    /** The ids of prompts, parted from what all of them share. */
    public Parted parted(List<String> prompts) {
        List<int[]> whole = prompts.stream().map(prompt -> encode(prompt, 0)).toList();
        int[] prefix = shared(whole);
        return new Parted(prefix, without(prefix, whole));
    }

    /** The sequences without what they share. */
    public static List<int[]> without(int[] shared, List<int[]> sequences) {
        return sequences.stream()
                .map(ids -> Arrays.copyOfRange(ids, shared.length, ids.length))
                .toList();
    }

    private static int commonLength(int[] one, int[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }

    private static String abridged(String prompt) {
        return prompt.length() <= 60 ? prompt : prompt.substring(0, 57) + "...";
    }

    /**
     * A prompt's ids and what follows them for each answer.
     *
     * @param prompt [pos]
     * @param promptChanged whether some answer changes the last tokens of the prompt, which then count among the answers' tokens
     * @param answers by answer, [token]
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Continued(int[] prompt, boolean promptChanged, List<int[]> answers) {}
}
