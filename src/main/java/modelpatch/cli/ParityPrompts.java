package modelpatch.cli;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import modelpatch.guard.DriftMeter;
import modelpatch.model.LanguageModel;

/** What an exported model and the engine are compared on: the canary text, or random ids for a vocabulary that cannot write it. */
final class ParityPrompts {
    private static final int PROMPTS = 8;
    private static final int LONGEST = 32;

    private ParityPrompts() {}

    static List<int[]> of(LanguageModel model, long seed) {
        List<String> passages = DriftMeter.passages(Installation.eval().resolve("canary.txt"));
        boolean readable =
                model.hasTokenizer() && passages.stream().allMatch(passage -> DriftMeter.canWrite(model, passage));
        Stream<int[]> ids =
                readable ? passages.stream().map(passage -> model.tokenizer().encode(passage)) : random(model, seed);
        int longest = Math.min(LONGEST, model.contextLength() / 2);
        return ids.filter(prompt -> prompt.length > 1)
                .limit(PROMPTS)
                .map(prompt -> Arrays.copyOf(prompt, Math.min(prompt.length, longest)))
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
