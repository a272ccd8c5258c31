package modelpatch.evaluate;

import java.util.Locale;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.checkpoint.Sha256;

/**
 * How questions are put to a model and what counts as right. Numbers of different protocols are never averaged nor compared as if they
 * were the same; {@link #identity()} stands beside every number.
 *
 * @param kind what is read from the model
 * @param fewShot the prefix of every prompt, which also decides between clozes and questions
 * @param maxNewTokens how far a greedy continuation may go; not used by {@link Kind#SCORED}
 * @param chat the words of a chat around demonstrations and prompt; empty for the prompt as it stands
 */
public record Protocol(Kind kind, FewShot fewShot, int maxNewTokens, Optional<Chat> chat) {
    /** Enough for any name of the development facts and the end of its sentence. */
    public static final int DEFAULT_NEW_TOKENS = 24;

    /** What is read from the model. */
    public enum Kind {
        /** The greedy continuation, judged by {@link AnswerMatch}. */
        GENERATED,
        /** The log-probability of the whole answer: right where it is above that of every rival of the same type. */
        SCORED,
        /** The first hop is asked, then the next hop of what was said, the earlier sentences standing before it; judged as generated. */
        SLOW;

        /** The name that files and flags use. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Protocol {
        if (maxNewTokens < 1) {
            throw new BadInput(
                    "no room for an answer",
                    "protocol",
                    "at least 1 new token",
                    String.valueOf(maxNewTokens),
                    "allow about " + DEFAULT_NEW_TOKENS);
        }
    }

    /** Without a chat. */
    public Protocol(Kind kind, FewShot fewShot, int maxNewTokens) {
        this(kind, fewShot, maxNewTokens, Optional.empty());
    }

    public static Protocol generated(FewShot fewShot) {
        return new Protocol(Kind.GENERATED, fewShot, DEFAULT_NEW_TOKENS);
    }

    /** The same prefix and length, read in another way. */
    public Protocol as(Kind other) {
        return new Protocol(other, fewShot, maxNewTokens, chat);
    }

    /** The same without demonstrations. */
    public Protocol bare() {
        return with(FewShot.none(form()));
    }

    /** The same with other demonstrations. */
    public Protocol with(FewShot other) {
        return new Protocol(kind, other, maxNewTokens, chat);
    }

    /** What stands around every prompt. */
    public Frame frame() {
        return new Frame(
                chat.map(one -> one.before(fewShot)).orElse(fewShot.text()),
                chat.map(Chat::after).orElse(""),
                chat.isPresent());
    }

    public Form form() {
        return fewShot.form();
    }

    /**
     * Names the protocol so that equal names mean comparable numbers: kind, prefix with a digest of its text, length of the continuation,
     * number of the matching rule, and the words of a chat by their digest. For example {@code generated / cloze-5+2 (3f9a01c2) / 24 new tokens /
     * match 2}.
     */
    public String identity() {
        String prefix = fewShot.demonstrations().isEmpty() ? fewShot.id() : fewShot.id() + " (" + digest() + ")";
        String reading =
                kind == Kind.SCORED ? "whole answer" : maxNewTokens + " new tokens / match " + AnswerMatch.VERSION;
        String words = chat.map(one -> " / " + one.identity()).orElse("");
        return kind.key() + " / " + prefix + " / " + reading + words;
    }

    private String digest() {
        return Sha256.of(fewShot.text()).substring(0, 8);
    }

    @Override
    public String toString() {
        return identity();
    }
}
