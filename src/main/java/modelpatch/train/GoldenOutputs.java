package modelpatch.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.RecordFile;
import modelpatch.model.LanguageModel;

/**
 * What a model answered on the machine that trained it: a broken engine, a damaged file or wrong arithmetic on another machine shows as
 * another answer or as logits too far away.
 *
 * @param digest of the weights
 * @param prompts taught and held-out compositions and single facts
 */
public record GoldenOutputs(String digest, List<Prompt> prompts) {
    private static final String FILE = "golden.json";
    private static final int TOP = 5;
    private static final int LONGEST = 4;

    /**
     * @param ids of the prompt
     * @param generated greedily, up to the full stop
     * @param top the likeliest next tokens, best first
     */
    public record Prompt(String text, List<Integer> ids, String generated, List<Logit> top) {
        public Prompt {
            ids = List.copyOf(ids);
            top = List.copyOf(top);
        }
    }

    /** A next token's logit. */
    public record Logit(int id, String token, double logit) {}

    /**
     * How a model compares.
     *
     * @param prompts compared
     * @param differentTexts prompts with other ids or another generated text, in words
     * @param largestDifference of any logit, absolute
     */
    public record Deviation(int prompts, List<String> differentTexts, double largestDifference) {
        public Deviation {
            differentTexts = List.copyOf(differentTexts);
        }
    }

    public GoldenOutputs {
        prompts = List.copyOf(prompts);
    }

    static GoldenOutputs of(LanguageModel model, World world, int count) {
        List<Query> queries = new ArrayList<>();
        List<CompositionalCase> taught = world.taught().cases();
        List<CompositionalCase> heldOut = world.heldOut().cases();
        for (int i = 0; i < count; i++) {
            List<CompositionalCase> cases = i % 2 == 0 ? taught : heldOut;
            if (!cases.isEmpty()) {
                CompositionalCase one = cases.get((int) ((long) i * cases.size() / count));
                List<Query> asked =
                        i % 4 < 2 ? one.compositions() : one.singleHops().get(0);
                queries.add(asked.get(i % asked.size()));
            }
        }
        List<String> texts = queries.stream().map(Query::prompt).toList();
        return new GoldenOutputs(model.digest(), prompts(model, texts));
    }

    private static List<Prompt> prompts(LanguageModel model, List<String> texts) {
        List<String> generated = WorldExaminer.answers(model, texts, LONGEST);
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = model.tokenizer().encode(texts.get(i));
            float[] logits = model.nextLogits(new int[0], List.of(ids)).get(0);
            List<Logit> top = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(id -> -logits[id]))
                    .limit(TOP)
                    .map(id -> new Logit(id, model.tokenizer().token(id), logits[id]))
                    .toList();
            prompts.add(new Prompt(texts.get(i), IntStream.of(ids).boxed().toList(), generated.get(i), top));
        }
        return prompts;
    }

    void write(Path directory) {
        AtomicFile.write(directory.resolve(FILE), out -> out.write(RecordFile.json(this)));
    }

    /** Whether a model's directory has golden outputs. */
    public static boolean standIn(Path directory) {
        return Files.exists(directory.resolve(FILE));
    }

    /**
     * Reads the golden outputs of a model's directory.
     *
     * @throws modelpatch.BadInput when there are none, or they cannot be understood
     */
    public static GoldenOutputs read(Path directory) {
        return RecordFile.read(directory.resolve(FILE), GoldenOutputs.class);
    }

    /** Asks the model the same again. Logits are compared by token, whatever their order is now. */
    public Deviation compare(LanguageModel model) {
        List<String> texts = prompts.stream().map(Prompt::text).toList();
        List<String> generated = WorldExaminer.answers(model, texts, LONGEST);
        List<String> different = new ArrayList<>();
        double largest = 0;
        for (int i = 0; i < prompts.size(); i++) {
            Prompt golden = prompts.get(i);
            int[] ids = model.tokenizer().encode(golden.text());
            if (!IntStream.of(ids).boxed().toList().equals(golden.ids())) {
                different.add("'" + golden.text() + "' is other tokens");
                continue;
            }
            if (!generated.get(i).equals(golden.generated())) {
                different.add(
                        "'" + golden.text() + "' gives '" + generated.get(i) + "', not '" + golden.generated() + "'");
            }
            float[] logits = model.nextLogits(new int[0], List.of(ids)).get(0);
            for (Logit logit : golden.top()) {
                largest = Math.max(largest, Math.abs(logits[logit.id()] - logit.logit()));
            }
        }
        return new Deviation(prompts.size(), different, largest);
    }
}
