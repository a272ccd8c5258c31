package modelpatch.cli;

import java.util.Arrays;
import modelpatch.BadInput;
import modelpatch.evaluate.Frame;
import modelpatch.model.LanguageModel;

/** From what was typed to token ids, and back to something readable. */
final class Prompts {
    private Prompts() {}

    /**
     * The ids of a prompt that was given in one of two ways.
     *
     * @param frame what stands around a text
     * @param text null where ids were given
     * @param option the option that gave the text, for the error
     */
    static int[] ids(LanguageModel model, Frame frame, String text, int[] ids, String option) {
        if (text == null) {
            return ids.clone();
        }
        int[] encoded = frame.encode(model.tokenizer(), frame.around(text, ""));
        if (text.isEmpty() || encoded.length == 0) {
            throw new BadInput("empty prompt", option, "some text", "\"" + text + "\"", "give some text");
        }
        return encoded;
    }

    /**
     * The first token with which an answer goes on after a prompt, found by encoding both together; where the tokens of the prompt would
     * change by that, the answer is encoded alone.
     *
     * @param prompt null where it was given as ids
     */
    static int[] answerTokens(LanguageModel model, Frame frame, String prompt, String answer) {
        String gap = frame.chat() || answer.startsWith(" ") || (prompt != null && prompt.endsWith(" ")) ? "" : " ";
        if (prompt != null) {
            int[] before = frame.encode(model.tokenizer(), frame.around(prompt, ""));
            int[] both = frame.encode(model.tokenizer(), frame.around(prompt, gap + answer));
            if (both.length > before.length && Arrays.equals(before, Arrays.copyOf(both, before.length))) {
                return Arrays.copyOfRange(both, before.length, both.length);
            }
        }
        int[] alone = model.tokenizer().encodeContinuation(gap + answer);
        if (alone.length == 0) {
            throw new BadInput("empty answer", "--target", "some text", "\"" + answer + "\"", "give some text");
        }
        return alone;
    }

    /** A token for a reader: its text in quotes, or its id where the model has no tokenizer. */
    static String shown(LanguageModel model, int id) {
        return model.hasTokenizer()
                ? "\"" + model.tokenizer().decode(new int[] {id}).replace("\n", "\\n") + "\""
                : String.valueOf(id);
    }
}
