package modelpatch.thinking;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;

/**
 * A suite answered by the model itself: each hop is asked by itself, and what the model says is put into the next one. A case is kept where two
 * wordings of every hop agree. No answer of the suite is read; which questions there are is all that is taken from it.
 *
 * @param asked the questions with the model's own answers; without anything that is known of them from elsewhere
 * @param cases how many questions there were
 */
public record SlowLabels(AskedSuite asked, int cases) {
    private static final int WORDINGS = 2;
    private static final int BATCH = 64;

    /**
     * Asks a model.
     *
     * @param questions the cases, and the protocol that gives form and demonstrations
     * @param seed of the sides of the new suite
     */
    public static SlowLabels of(AnswerModel model, Questions questions, long seed, Onlooker onlooker) {
        List<CompositionalCase> cases = questions.asked().suite().cases();
        Asking asking = new Asking(new Examiner(model, questions.deciding().as(Protocol.Kind.GENERATED), BATCH));
        int hops = cases.stream().mapToInt(one -> one.hops().size()).max().orElse(0);
        Map<String, List<String>> said = new HashMap<>();
        cases.forEach(one -> said.put(one.id(), new ArrayList<>()));
        try (Onlooker.Part progress = onlooker.begin("own answers")) {
            for (int hop = 0; hop < hops; hop++) {
                progress.at(hop, hops);
                asking.answer(cases, hop, said);
            }
        }
        CaseSuite answered = questions
                .asked()
                .suite()
                .answeredBy(
                        one -> Optional.of(said.get(one.id()))
                                .filter(own -> own.size() == one.hops().size()),
                        seed);
        Background background = questions.asked().background();
        return new SlowLabels(AskedSuite.of(answered, background.relations(), background.names()), cases.size());
    }

    /** Single hops in two wordings. */
    private record Asking(Examiner examiner) {
        /** Adds what is said of one hop, for every case whose earlier hops were answered. */
        void answer(List<CompositionalCase> cases, int hop, Map<String, List<String>> said) {
            Map<String, List<String>> wordings = new HashMap<>();
            Set<Question> asked = new LinkedHashSet<>();
            for (CompositionalCase one : cases) {
                if (hop < one.hops().size() && said.get(one.id()).size() == hop) {
                    List<String> prompts = prompts(one, hop, said.get(one.id()));
                    wordings.put(one.id(), prompts);
                    prompts.forEach(prompt -> asked.add(question(prompt)));
                }
            }
            examiner.ask(List.copyOf(asked));
            wordings.forEach((id, prompts) ->
                    agreed(prompts).ifPresent(answer -> said.get(id).add(answer)));
        }

        private List<String> prompts(CompositionalCase one, int hop, List<String> before) {
            Form form = examiner.protocol().form();
            List<Query> queries = one.singleHops().get(hop).stream()
                    .filter(query -> query.form() == form)
                    .limit(WORDINGS)
                    .toList();
            if (queries.size() < WORDINGS) {
                throw new BadInput(
                        "no second wording",
                        "case " + one.id(),
                        WORDINGS + " sentences of the form " + form.key() + " for hop " + (hop + 1),
                        String.valueOf(queries.size()),
                        "give the relation another template, or ask in the other --form");
            }
            return queries.stream()
                    .map(query -> hop == 0
                            ? query.prompt()
                            : query.template().fill(before.get(hop - 1)).prompt())
                    .toList();
        }

        /** What an answer is matched with plays no part: only what was said is read. */
        private static Question question(String prompt) {
            List<String> any = List.of("x");
            return new Question(prompt, any, List.of(), any, List.of());
        }

        private Optional<String> agreed(List<String> prompts) {
            List<Reply> replies =
                    examiner.ask(prompts.stream().map(Asking::question).toList());
            String first = replies.get(0).predicted();
            boolean parsed = replies.stream().allMatch(reply -> reply.verdict() != Verdict.UNPARSED);
            boolean alike =
                    parsed && replies.stream().allMatch(reply -> AnswerMatch.whole(reply.predicted(), List.of(first)));
            return alike ? Optional.of(first) : Optional.empty();
        }
    }
}
