package modelpatch.thinking;

import java.util.Locale;
import java.util.Optional;
import modelpatch.cases.FewShot;

/**
 * One way of leading a model from a question to its answer.
 *
 * @param id such as {@code self-ask}
 * @param kind whether and how anything is thought before the answer
 * @param prompt what the model reads, with the slot {@value #QUESTION} for the sentence and {@value #PROMPT} for the sentence as the protocol's
 *     form asks it; not used by {@link Kind#HOPS}
 * @param wording which single-hop sentence of the form asks each hop, from 1; {@link Kind#HOPS} only
 * @param answerAfter the words after which a written thought states its answer; {@link Kind#WRITTEN} only
 * @param newTokens how long a written thought may be
 * @param demonstrations stand before every prompt in place of the protocol's own
 */
public record Mode(
        String id,
        Kind kind,
        String prompt,
        int wording,
        String answerAfter,
        int newTokens,
        Optional<FewShot> demonstrations) {
    static final String QUESTION = "{question}";
    static final String PROMPT = "{prompt}";

    /** What stands between question and answer. */
    public enum Kind {
        /** Nothing. */
        DIRECT,
        /** Each hop is asked by itself; what was said is put into the next one, the earlier sentences standing before it. */
        HOPS,
        /** A text of the model's own, up to the words that state the answer. */
        WRITTEN;

        /** The name that files use. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The question as it is put under every protocol. */
    static Mode direct(String id, String prompt) {
        return new Mode(id, Kind.DIRECT, prompt, 1, "", 0, Optional.empty());
    }

    /** Every hop in the given wording. */
    public static Mode hops(String id, int wording) {
        return new Mode(id, Kind.HOPS, "", wording, "", 0, Optional.empty());
    }
}
