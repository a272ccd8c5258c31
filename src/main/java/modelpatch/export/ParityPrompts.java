package modelpatch.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.GuardedCase;
import modelpatch.guard.RegressionSuite;
import modelpatch.model.LanguageModel;

/**
 * What an exported model and the engine are compared on: the canary text, or random ids for a vocabulary that cannot write it, and prompts of
 * regression suites.
 */
final class ParityPrompts {
    private static final int PROMPTS = 8;
    private static final int LONGEST = 32;

    /** Prompts of one suite, at most: their logits are kept while the file is run. */
    private static final int OF_SUITE = 16;

    private ParityPrompts() {}

    static List<int[]> of(LanguageModel model, Path canary, long seed) {
        List<String> passages = DriftMeter.passages(canary);
        boolean readable = model.hasTokenizer() && DriftMeter.canWrite(model, canary);
        Stream<int[]> ids =
                readable ? passages.stream().map(passage -> model.tokenizer().encode(passage)) : random(model, seed);
        int longest = Math.min(LONGEST, model.contextLength() / 2);
        return ids.filter(prompt -> prompt.length > 1)
                .limit(PROMPTS)
                .map(prompt -> Arrays.copyOf(prompt, Math.min(prompt.length, longest)))
                .toList();
    }

    /** Some of a suite's prompts as they are put to a model, few-shot prefix included, from all its sets alike. */
    static List<int[]> of(LanguageModel model, RegressionSuite suite) {
        PromptEncoder encoder = new PromptEncoder(model, suite.protocol().frame());
        List<String> prompts = suite.sets().stream()
                .flatMap(set -> set.cases().stream().map(GuardedCase::prompt))
                .distinct()
                .toList();
        int step = Math.max(1, (prompts.size() + OF_SUITE - 1) / OF_SUITE);
        return IntStream.iterate(0, i -> i < prompts.size(), i -> i + step)
                .mapToObj(i -> encoder.encode(prompts.get(i), 0))
                .filter(ids -> ids.length > 1)
                .toList();
    }

    /** Sequences of different lengths. */
    private static Stream<int[]> random(LanguageModel model, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int vocabulary = model.config().dVocab();
        return Stream.iterate(2, length -> length + 5)
                .map(length -> random.ints(length, 0, vocabulary).toArray());
    }
}
