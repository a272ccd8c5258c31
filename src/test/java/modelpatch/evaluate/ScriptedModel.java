package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import modelpatch.model.AnswerModel;
import modelpatch.model.NextToken;
import modelpatch.tokenizer.Tokenizer;

/**
 * A model that says what a test wrote down. Continuations are looked up by the whole text before them; probabilities are those of a Markov
 * chain over words.
 */
public final class ScriptedModel implements AnswerModel {
    static final String END = "<|end|>";
    private static final double FLOOR = -12;

    final WordTokenizer tokenizer = new WordTokenizer();
    final List<String> generated = new ArrayList<>();
    final List<Integer> prefixLengths = new ArrayList<>();
    int contextLength = 1000;
    int sequencesScored;
    Set<Integer> ends = Set.of();
    private final Function<String, String> says;
    private final Map<List<Object>, Double> logits = new HashMap<>();

    /**
     * A model with its script.
     *
     * @param says the continuation of a text (words parted by one space, lines by their end)
     */
    public ScriptedModel(Function<String, String> says) {
        this.says = says;
    }

    /** The texts that were continued, to be cleared at will. */
    public List<String> generated() {
        return generated;
    }

    public static ScriptedModel silent() {
        return new ScriptedModel(text -> "");
    }

    /** Sets the logit of a word after another; all others have -12. */
    public ScriptedModel after(String word, String next, double logit) {
        logits.put(List.of(tokenizer.id(word), tokenizer.id(next)), logit);
        return this;
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public Set<Integer> endTokens() {
        return ends;
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        prefixLengths.add(prefix.length);
        List<int[]> all = new ArrayList<>();
        for (int[] prompt : prompts) {
            String text = tokenizer.decode(whole(prefix, prompt)).strip().replace("\n ", "\n");
            generated.add(text);
            int[] script = tokenizer.encode(says.apply(text) + " " + END);
            int length = 1;
            while (length < Math.min(maxNewTokens, script.length) && !stop.test(Arrays.copyOf(script, length))) {
                length++;
            }
            all.add(Arrays.copyOf(script, length));
        }
        return all;
    }

    @Override
    public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
        List<double[]> all = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            sequencesScored++;
            int[] before = whole(prefix, prompts.get(i));
            int last = before[before.length - 1];
            double[] result = new double[continuations.get(i).length];
            for (int t = 0; t < result.length; t++) {
                int next = continuations.get(i)[t];
                float[] row = logits(last);
                result[t] = row[next] - NextToken.logSumExp(row);
                last = next;
            }
            all.add(result);
        }
        return all;
    }

    @Override
    public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
        return prompts.stream()
                .map(prompt -> whole(prefix, prompt))
                .map(ids -> logits(ids[ids.length - 1]))
                .toList();
    }

    private float[] logits(int last) {
        float[] row = new float[tokenizer.size()];
        for (int next = 0; next < row.length; next++) {
            row[next] = logits.getOrDefault(List.<Object>of(last, next), FLOOR).floatValue();
        }
        return row;
    }

    private static int[] whole(int[] prefix, int[] prompt) {
        int[] all = Arrays.copyOf(prefix, prefix.length + prompt.length);
        System.arraycopy(prompt, 0, all, prefix.length, prompt.length);
        return all;
    }
}
