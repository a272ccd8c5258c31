package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;

/** The use case {@code patch logits}: what a model expects after a prompt. */
public final class Logits {
    private static final int[] NO_PREFIX = {};

    private Logits() {}

    /**
     * Asks.
     *
     * @param ids the prompt
     * @param onlyLast only the last position, else all
     * @param top so many likeliest tokens; empty for the logits of the whole vocabulary
     */
    public static LogitsDocument after(LanguageModel model, int[] ids, boolean onlyLast, OptionalInt top) {
        float[][] logits = onlyLast
                ? new float[][] {model.nextLogits(NO_PREFIX, List.of(ids)).get(0)}
                : model.allLogits(NO_PREFIX, ids);
        List<LogitsDocument.Position> positions = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            int position = ids.length - logits.length + i;
            positions.add(
                    top.isEmpty()
                            ? new LogitsDocument.Position(position, logits[i], null)
                            : new LogitsDocument.Position(position, null, likeliest(model, logits[i], top.getAsInt())));
        }
        return new LogitsDocument(ids, positions, null);
    }

    /**
     * Lets a model go on greedily.
     *
     * @param most new tokens
     * @param ends tokens that end the text; none for exactly so many tokens
     */
    public static LogitsDocument.Generated continued(LanguageModel model, int[] ids, int most, Set<Integer> ends) {
        int[] made = model.generate(NO_PREFIX, List.of(ids), most, soFar -> ends.contains(soFar[soFar.length - 1]))
                .get(0);
        return new LogitsDocument.Generated(
                made, model.hasTokenizer() ? model.tokenizer().decode(made) : null);
    }

    private static List<LogitsDocument.Candidate> likeliest(LanguageModel model, float[] logits, int count) {
        double total = NextToken.logSumExp(logits);
        return Arrays.stream(NextToken.top(logits, count))
                .mapToObj(id -> new LogitsDocument.Candidate(
                        id, model.hasTokenizer() ? model.tokenizer().token(id) : null, logits[id], logits[id] - total))
                .toList();
    }
}
