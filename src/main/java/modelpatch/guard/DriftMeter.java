package modelpatch.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;

/**
 * Measures drift from one base on fixed passages. The base is run once; what it said is kept as float32 logits, so a large vocabulary needs
 * a short text (400 tokens of 50,000 words are 80 MB). A context that several passages share, such as a first word, is one prediction and is
 * compared once: else a near tie in it would count as often as it is repeated.
 */
public final class DriftMeter {
    private static final int[] NO_PREFIX = {};
    private static final int SENTENCES = 60;

    private final String name;
    private final List<int[]> passages;

    /** By passage, how many tokens it begins like an earlier one. */
    private final int[] shared;

    private final List<float[][]> base = new ArrayList<>();
    /** The logarithms of the base's sums, by passage and position. */
    private final List<double[]> sums = new ArrayList<>();

    private DriftMeter(String name, LanguageModel model, List<int[]> passages) {
        this.name = name;
        this.passages = passages;
        this.shared = IntStream.range(0, passages.size())
                .map(i -> shared(passages.get(i), passages.subList(0, i)))
                .toArray();
        for (int[] passage : passages) {
            float[][] logits = model.allLogits(NO_PREFIX, passage);
            base.add(logits);
            sums.add(Arrays.stream(logits).mapToDouble(NextToken::logSumExp).toArray());
        }
    }

    private static int shared(int[] passage, List<int[]> earlier) {
        return earlier.stream()
                .mapToInt(other -> Arrays.mismatch(passage, other))
                .map(mismatch -> mismatch < 0 ? passage.length : mismatch)
                .max()
                .orElse(0);
    }

    /**
     * A meter on a text file whose passages are parted by blank lines, or, where the model's vocabulary cannot write that text, on prompts.
     *
     * @param base the unchanged model; not kept
     * @param canary the text file
     * @param prompts what the model can read, at least one; made only where they are needed
     */
    public static DriftMeter of(LanguageModel base, Path canary, Supplier<List<String>> prompts) {
        return canWrite(base, canary)
                ? on("canary", base, passages(canary))
                : on("generic prompts", base, prompts.get());
    }

    /**
     * A meter on given passages.
     *
     * @param base the unchanged model; not kept
     */
    public static DriftMeter on(String name, LanguageModel base, List<String> passages) {
        List<int[]> ids = passages.stream()
                .map(passage -> base.tokenizer().encode(passage))
                .map(passage -> Arrays.copyOf(passage, Math.min(passage.length, base.contextLength())))
                .filter(passage -> passage.length > 1)
                .toList();
        if (ids.isEmpty()) {
            throw new BadInput(
                    "no text to measure drift on", name, "passages of two tokens or more", "none", "add text");
        }
        return new DriftMeter(name, base, ids);
    }

    /** Whether a text survives the way into token ids and back, but for its blanks: a vocabulary of words loses what it does not hold. */
    public static boolean canWrite(LanguageModel model, String text) {
        return model.tokenizer().canWrite(text);
    }

    /** Whether a model's vocabulary can write every passage of a text file. */
    public static boolean canWrite(LanguageModel model, Path canary) {
        return passages(canary).stream().allMatch(passage -> canWrite(model, passage));
    }

    /** Single facts of a suite, told as sentences in a form: what a vocabulary that cannot write a canary is measured on. */
    static List<String> sentences(CaseSuite suite, Form form) {
        Set<String> sentences = new LinkedHashSet<>();
        for (CompositionalCase one : suite.sample(4 * SENTENCES, 1).cases()) {
            List<Query> wordings = one.singleHops().get(0);
            Query query = Query.first(wordings, form).orElse(wordings.get(0));
            sentences.add(query.prompt() + " " + one.hops().get(0).object());
        }
        return sentences.stream().limit(SENTENCES).toList();
    }

    /** The passages of a text file, parted by blank lines. */
    public static List<String> passages(Path file) {
        try {
            return Arrays.stream(Files.readString(file).split("\\n\\s*\\n"))
                    .map(String::strip)
                    .filter(passage -> !passage.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }

    /** The drift of what answers in place of the base. */
    public Drift measure(AnswerModel changed) {
        double divergence = 0;
        double lossBefore = 0;
        double lossAfter = 0;
        int flips = 0;
        int positions = 0;
        int predicted = 0;
        for (int i = 0; i < passages.size(); i++) {
            int[] passage = passages.get(i);
            float[][] after = changed.allLogits(NO_PREFIX, passage);
            float[][] before = base.get(i);
            for (int at = 0; at < passage.length; at++) {
                double sumBefore = sums.get(i)[at];
                double sumAfter = NextToken.logSumExp(after[at]);
                if (at >= shared[i]) {
                    // rounding may leave a little less than 0
                    divergence += Math.max(0, NextToken.divergence(before[at], sumBefore, after[at], sumAfter));
                    flips += NextToken.argmax(before[at]) == NextToken.argmax(after[at]) ? 0 : 1;
                    positions++;
                }
                if (at + 1 < passage.length) {
                    lossBefore += sumBefore - before[at][passage[at + 1]];
                    lossAfter += sumAfter - after[at][passage[at + 1]];
                    predicted++;
                }
            }
        }
        return new Drift(
                name,
                positions,
                divergence / positions,
                (double) flips / positions,
                Math.exp(lossBefore / predicted),
                Math.exp(lossAfter / predicted));
    }
}
