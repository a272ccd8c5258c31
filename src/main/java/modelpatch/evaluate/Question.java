package modelpatch.evaluate;

import java.util.List;
import modelpatch.cases.Query;
import modelpatch.cases.Template;

/**
 * Something to ask a model.
 *
 * @param prompt what the model reads after the few-shot prefix; the answer follows after a space
 * @param answers accepted names, the answer's own name first
 * @param hops the single hops that lead there, first hop first; a slow protocol goes through them, none means that the prompt is one hop
 * @param spoken accepted names as a sentence says them ("the United States of America"), for the scored protocol
 * @param rivals other answers of the same type as a sentence says them, for the scored protocol
 */
public record Question(
        String prompt, List<String> answers, List<Query> hops, List<String> spoken, List<String> rivals) {
    public Question {
        answers = List.copyOf(answers);
        hops = List.copyOf(hops);
        spoken = List.copyOf(spoken);
        rivals = List.copyOf(rivals);
        if (answers.isEmpty() || spoken.isEmpty()) {
            throw new IllegalArgumentException("no accepted answer to: " + prompt);
        }
    }

    /** A question without hops and rivals. */
    public static Question of(Query query, List<String> answers) {
        return new Question(query.prompt(), answers, List.of(), answers, List.of());
    }

    /** The same after or amid other text; the hops are asked as they were. */
    Question within(String context) {
        return new Question(context.replace(Template.SLOT, prompt), answers, hops, spoken, rivals);
    }

    public Question withHops(List<Query> singleHops) {
        return new Question(prompt, answers, singleHops, spoken, rivals);
    }

    Question against(List<String> spokenAnswers, List<String> others) {
        return new Question(prompt, answers, hops, spokenAnswers, others);
    }
}
