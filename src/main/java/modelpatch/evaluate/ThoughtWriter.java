package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import modelpatch.evaluate.GreedyReader.Continuation;
import modelpatch.model.AnswerModel;

/** Texts that a model writes for itself before it answers: greedy, up to the words that state the answer. */
public final class ThoughtWriter {
    private final GreedyReader reader;
    private final String answerAfter;
    private final int newTokens;

    /**
     * A writer that has written nothing yet.
     *
     * @param protocol gives the demonstrations
     * @param answerAfter the words that state an answer, such as {@code So the answer is}
     * @param newTokens how many tokens a thought may have, answer included
     */
    public ThoughtWriter(AnswerModel model, Protocol protocol, String answerAfter, int newTokens) {
        this.reader = new GreedyReader(model, protocol);
        this.answerAfter = answerAfter.toLowerCase(Locale.ROOT);
        this.newTokens = newTokens;
    }

    /**
     * What a model wrote.
     *
     * @param thought all up to and with the words that state the answer, or all of it
     * @param answer what stood behind them; empty where the words never came
     * @param tokens how many tokens were written
     */
    public record Thought(String thought, Optional<String> answer, int tokens) {}

    /** The thoughts on some prompts, in their order. */
    public List<Thought> write(List<String> prompts) {
        List<Thought> thoughts = new ArrayList<>();
        for (Continuation one : reader.write(prompts, newTokens, this::finished)) {
            int end = end(one.text());
            thoughts.add(
                    end < 0
                            ? new Thought(one.text(), Optional.empty(), one.tokens())
                            : new Thought(
                                    one.text().substring(0, end),
                                    Optional.of(one.text().substring(end)),
                                    one.tokens()));
        }
        return thoughts;
    }

    private boolean finished(String text) {
        int end = end(text);
        return end >= 0 && AnswerMatch.finished(text.substring(end), true);
    }

    /** Index behind the first statement of an answer, or -1. */
    private int end(String text) {
        int at = text.toLowerCase(Locale.ROOT).indexOf(answerAfter);
        return at < 0 ? -1 : at + answerAfter.length();
    }
}
