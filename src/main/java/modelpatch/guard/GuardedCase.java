package modelpatch.guard;

import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.Question;

/**
 * One question of a suite with the answer that must come.
 *
 * @param id names it in reports; unique within its set
 * @param prompt what the model reads after the few-shot prefix
 * @param answers accepted names, the answer's own name first
 * @param before what the model without its patches said; empty where nobody recorded it
 */
public record GuardedCase(String id, String prompt, List<String> answers, Optional<String> before) {
    public GuardedCase {
        answers = List.copyOf(answers);
    }

    Question question() {
        return new Question(prompt, answers, List.of(), answers, List.of());
    }
}
