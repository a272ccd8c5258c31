package modelpatch.adapt;

import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Mentions;
import modelpatch.cases.Query;

/**
 * Whether a demonstration tells something of a question: it is the question itself, has its subject (so that every two-hop of the subject is
 * absent, those with the same answer too), its bridge or its answer, or its text names an accepted answer.
 */
final class LeakCheck {
    private LeakCheck() {}

    /** What a demonstration tells of a question, in words; empty where it tells nothing. */
    static Optional<String> leak(CompositionalCase demonstration, CompositionalCase question) {
        if (demonstration.id().equals(question.id())) {
            return Optional.of("the question itself");
        }
        if (demonstration.subject().equalsIgnoreCase(question.subject())) {
            return Optional.of("its subject " + question.subject());
        }
        if (demonstration.bridge().equalsIgnoreCase(question.bridge())) {
            return Optional.of("its bridge " + question.bridge());
        }
        for (String answer : question.answers()) {
            if (demonstration.answers().stream().anyMatch(answer::equalsIgnoreCase)) {
                return Optional.of("its answer " + answer);
            }
            for (Query wording : demonstration.compositions()) {
                if (Mentions.readable(answer, wording.prompt())) {
                    return Optional.of("its answer " + answer);
                }
            }
        }
        return Optional.empty();
    }

    /** @throws BadInput where a demonstration tells something of a question */
    static void require(List<CompositionalCase> demonstrations, List<CompositionalCase> questions) {
        for (CompositionalCase demonstration : demonstrations) {
            for (CompositionalCase question : questions) {
                leak(demonstration, question).ifPresent(what -> {
                    throw new BadInput(
                            "a demonstration gives the answer away",
                            "--demonstration " + demonstration.id(),
                            "nothing of " + question.id(),
                            what,
                            "take other demonstrations");
                });
            }
        }
    }
}
