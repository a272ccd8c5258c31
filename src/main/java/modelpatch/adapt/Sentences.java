package modelpatch.adapt;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import modelpatch.BadInput;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.model.AdapterTraining.Sequence;
import modelpatch.tokenizer.Encoding;
import modelpatch.tokenizer.Tokenizer;

/** Puts lessons into text and tokens, each answer where the loss finds it. */
public final class Sentences {
    private final Tokenizer tokenizer;
    private final int context;

    /** @param context the longest sequence that the model reads */
    public Sentences(Tokenizer tokenizer, int context) {
        this.tokenizer = tokenizer;
        this.context = context;
    }

    /** A lesson as a prompt shows it to a model: the answer after a space, and behind a cloze the full stop. */
    static String demonstration(Query wording, String answer) {
        return wording.prompt() + " " + answer + end(wording, answer);
    }

    private static String end(Query wording, String answer) {
        return wording.form() == Form.CLOZE && !answer.endsWith(".") ? "." : "";
    }

    /**
     * All lessons in an order and in wordings that are drawn. Given K of them, predicting every answer from all before it is K nested tasks of
     * in-context learning at the price of one sequence.
     *
     * @throws BadInput where the model's context cannot hold them
     */
    Sequence drawn(List<Lesson> lessons, AdaptRecipe.Loss loss, RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        List<int[]> answers = new ArrayList<>();
        for (Lesson lesson : SeededOrder.shuffled(lessons, random)) {
            Query wording =
                    lesson.wordings().get(random.nextInt(lesson.wordings().size()));
            String prompt = wording.prompt() + " ";
            text.append(prompt);
            int from = text.length();
            text.append(lesson.answer()).append(end(wording, lesson.answer())).append('\n');
            answers.add(new int[] {from, text.length()});
        }
        return sequence(
                text.toString(),
                loss == AdaptRecipe.Loss.ALL ? answers : answers.subList(answers.size() - 1, answers.size()));
    }

    /**
     * The tokens of a text, those of some parts of it to be predicted.
     *
     * @param parts from a character to the one behind the last
     */
    public Sequence sequence(String text, List<int[]> parts) {
        Encoding encoding = tokenizer.encodeWithOffsets(text);
        int[] ids = encoding.ids();
        if (ids.length > context) {
            throw new BadInput(
                    "demonstrations beyond the context",
                    "a sequence of an adapter",
                    "at most " + context + " tokens",
                    String.valueOf(ids.length),
                    "take fewer demonstrations");
        }
        int[] starts = encoding.starts();
        int[] ends = encoding.ends();
        float[] importance = new float[ids.length];
        for (int[] part : parts) {
            for (int t = 1; t < ids.length; t++) {
                // a token that begins with the space before an answer is the answer's
                if (ends[t] > part[0] && starts[t] < part[1] && ends[t] > starts[t]) {
                    importance[t] = 1;
                }
            }
        }
        return new Sequence(ids, importance);
    }
}
