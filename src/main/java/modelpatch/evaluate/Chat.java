package modelpatch.evaluate;

import java.util.Optional;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.checkpoint.Sha256;

/**
 * A chat's words around what a user says: a prompt is a turn of the user, and the answer is the model's.
 *
 * @param before up to what the user says
 * @param after behind it, up to where the model begins
 * @param exchange what parts the turns of a chat that goes on; empty for a template that writes no such chat
 */
public record Chat(String before, String after, Optional<Exchange> exchange) {
    /**
     * What stands between turns.
     *
     * @param answer between what the user said and what the model said
     * @param next between that and what the user says next
     */
    public record Exchange(String answer, String next) {}

    /** Up to the prompt: demonstrations that are questions are turns of their own, sentences stand in the prompt's turn. */
    String before(FewShot fewShot) {
        String mark = fewShot.form().after();
        if (fewShot.form() != Form.QUESTION || exchange.isEmpty() || mark.isEmpty()) {
            return before + fewShot.text();
        }
        StringBuilder text = new StringBuilder(before);
        for (String one : fewShot.demonstrations()) {
            int asked = one.lastIndexOf(mark) + mark.length();
            if (asked < mark.length()) {
                return before + fewShot.text(); // not a question with its answer
            }
            text.append(one, 0, asked)
                    .append(exchange.get().answer())
                    .append(one.substring(asked).strip())
                    .append(exchange.get().next());
        }
        return text.toString();
    }

    /** Names the words, so that equal names mean comparable numbers. */
    String identity() {
        String words = before
                + '\0'
                + after
                + exchange.map(one -> '\0' + one.answer() + '\0' + one.next()).orElse("");
        return "chat (" + Sha256.of(words).substring(0, 8) + ")";
    }
}
