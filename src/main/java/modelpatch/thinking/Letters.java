package modelpatch.thinking;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.SeededOrder;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Verdict;
import modelpatch.model.AnswerModel;

/** Options under letters, in an order that the seed draws for each case; the same order whoever asks. */
final class Letters {
    private final ThinkingPlan.LetterLayout layout;
    private final Distractors distractors;
    private final EntityNames names;
    private final long seed;
    private final Map<String, List<String>> orders = new HashMap<>();

    Letters(ThinkingPlan.LetterLayout layout, Distractors distractors, EntityNames names, long seed) {
        this.layout = layout;
        this.distractors = distractors;
        this.names = names;
        this.seed = seed;
    }

    /** The options of a case, the answer among them; fewer where its type has no more. */
    List<String> options(CompositionalCase one) {
        return orders.computeIfAbsent(one.id(), id -> {
            List<String> options = new ArrayList<>(distractors.ofAnswersType(one, layout.options() - 1, "options"));
            options.add(one.answer());
            return SeededOrder.shuffled(options, SeededOrder.draws(seed, "order", id));
        });
    }

    /** The index of the right letter. */
    int right(CompositionalCase one) {
        return options(one).indexOf(one.answer());
    }

    static String letter(int index) {
        return String.valueOf((char) ('A' + index));
    }

    /**
     * Asks which letter comes next, and answers with the likeliest of those that stand for an option.
     *
     * @param questions what stands before the options, by case
     * @throws BadInput where the vocabulary has no token of its own for each letter
     */
    List<Reply> ask(AnswerModel model, Protocol protocol, List<CompositionalCase> cases, List<Question> questions) {
        requireLetters(model);
        PromptEncoder encoder = new PromptEncoder(model, protocol.frame());
        List<String> letters = new ArrayList<>();
        for (int i = 0; i < layout.options(); i++) {
            letters.add(letter(i));
        }
        List<PromptEncoder.Continued> encoded = new ArrayList<>();
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            StringBuilder prompt =
                    new StringBuilder(untilAnswer(questions.get(i).prompt(), protocol)).append('\n');
            List<String> options = options(cases.get(i));
            for (int option = 0; option < options.size(); option++) {
                prompt.append(layout.option()
                                .replace("{letter}", letter(option))
                                .replace("{option}", names.inSentence(options.get(option))))
                        .append('\n');
            }
            encoded.add(encoder.encode(prompt.append(layout.answer()).toString(), letters));
            prompts.add(encoded.get(i).prompt());
        }
        int[] prefix = encoder.shared(prompts);
        List<float[]> logits = model.nextLogits(prefix, PromptEncoder.without(prefix, prompts));
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            List<String> options = options(cases.get(i));
            int best = 0;
            for (int option = 1; option < options.size(); option++) {
                float found = logits.get(i)[encoded.get(i).answers().get(option)[0]];
                best = found > logits.get(i)[encoded.get(i).answers().get(best)[0]] ? option : best;
            }
            // With a single option there is nothing to choose.
            Verdict verdict = options.size() == 1
                    ? Verdict.UNPARSED
                    : best == right(cases.get(i)) ? Verdict.RIGHT : Verdict.WRONG;
            replies.add(new Reply(
                    questions.get(i).prompt(),
                    options.get(best),
                    verdict,
                    verdict.right(),
                    1,
                    List.of(),
                    Optional.empty()));
        }
        return replies;
    }

    /** A question without the mark that asks for the answer: options come between. */
    private static String untilAnswer(String prompt, Protocol protocol) {
        String mark = protocol.form().after();
        return prompt.endsWith(mark) ? prompt.substring(0, prompt.length() - mark.length()) : prompt;
    }

    private void requireLetters(AnswerModel model) {
        Set<Integer> ids = new HashSet<>();
        for (int i = 0; i < layout.options(); i++) {
            int[] id = model.tokenizer().encodeContinuation(" " + letter(i));
            if (!model.tokenizer().canWrite(letter(i)) || !ids.add(Arrays.hashCode(id))) {
                throw new BadInput(
                        "letters that the vocabulary does not have",
                        "--reading letters",
                        "a token for each of A to " + letter(layout.options() - 1),
                        "none for " + letter(i),
                        "use --reading ranked");
            }
        }
    }
}
