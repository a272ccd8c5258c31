package modelpatch.adapt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;

/** What a model says itself when it is asked hop by hop: the only supervision of some levels. No gold answer is looked at. */
final class OwnAnswers {
    /** How many wordings of the hops must agree. */
    private static final int WORDINGS = 2;

    private final Examiner slow;
    private final Form form;
    private final Map<String, List<Reply>> known = new HashMap<>();

    OwnAnswers(AnswerModel model, Protocol protocol, int batch) {
        this.slow = new Examiner(model, protocol.as(Protocol.Kind.SLOW), batch);
        this.form = protocol.form();
    }

    /** What it says to each hop, in the primary wording, as far as that could be read. */
    List<String> hops(CompositionalCase one) {
        Reply reply = replies(one).get(0);
        List<String> said = new ArrayList<>(reply.steps());
        if (reply.verdict() != Verdict.UNPARSED) {
            said.add(reply.predicted());
        }
        return said;
    }

    /** The answer on which all wordings agree, or empty. */
    Optional<String> composition(CompositionalCase one) {
        List<Reply> replies = replies(one);
        String first = replies.get(0).predicted();
        boolean agree = replies.size() == WORDINGS
                && replies.stream()
                        .allMatch(reply -> reply.verdict() != Verdict.UNPARSED
                                && reply.predicted().equalsIgnoreCase(first));
        return agree ? Optional.of(first) : Optional.empty();
    }

    private List<Reply> replies(CompositionalCase one) {
        return known.computeIfAbsent(one.id(), id -> {
            List<Question> questions = new ArrayList<>();
            for (int wording = 0; wording < WORDINGS; wording++) {
                List<Query> steps = new ArrayList<>();
                for (List<Query> hop : one.singleHops()) {
                    List<Query> fitting = ofForm(hop, form);
                    if (wording < fitting.size()) {
                        steps.add(fitting.get(wording));
                    }
                }
                if (steps.size() == one.hops().size()) {
                    // answers are for the verdict alone, which is not asked for beyond whether a reply can be read
                    questions.add(Question.of(ofForm(one.compositions(), form).get(0), one.answers())
                            .withHops(steps));
                }
            }
            return slow.ask(questions);
        });
    }

    /** The prompts of a form, in their order. */
    static List<Query> ofForm(List<Query> queries, Form form) {
        return queries.stream().filter(query -> query.form() == form).toList();
    }
}
