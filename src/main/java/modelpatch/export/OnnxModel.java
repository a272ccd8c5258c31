package modelpatch.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.LengthClasses;
import modelpatch.export.OnnxAbilities.Parts;
import modelpatch.export.OnnxBatch.Logits;
import modelpatch.export.foreign.OnnxScan;
import modelpatch.model.AnswerModel;
import modelpatch.model.NextToken;
import modelpatch.model.TokenIds;
import modelpatch.tokenizer.Tokenizer;

/**
 * A decoder in ONNX Runtime: what an evaluation or a guard needs of a model, from the file itself. Files of others are run in the ways that they
 * support, so that their answers are those of each sequence alone. Not for use by several threads at once.
 */
public final class OnnxModel implements AnswerModel, AutoCloseable {
    /** Places of a batch, padding counted: logits of all of them are in memory at one time. */
    private static final int PLACES = 512;

    private final BesideOnnx beside;
    private final OnnxSession session;
    private final OnnxInterface form;
    private final OnnxAbilities abilities;
    private final int contextLength;
    private final LengthClasses lengthClasses;
    private final Optional<Tokenizer> tokenizer;

    /** @param session stays the caller's where this throws */
    private OnnxModel(BesideOnnx beside, OnnxSession session) {
        this.beside = beside;
        this.session = session;
        OnnxScan scan = OnnxScan.of(beside.file());
        this.form = OnnxInterface.of(session, beside, scan);
        this.contextLength = beside.contextLength();
        this.lengthClasses = beside.lengthClasses();
        this.abilities = new OnnxAbilities(session, form, scan, beside.saysSlidingWindow(), lengthClasses);
        this.tokenizer = beside.tokenizer();
    }

    /**
     * Opens a model with config.json or genai_config.json and, for text, tokenizer.json beside it.
     *
     * @param path the file, or a directory with model.onnx
     * @param threads that one operator may use
     * @throws BadInput where ONNX Runtime refuses the file, or it is no decoder or called in a way that is not known here
     */
    public static OnnxModel open(Path path, int threads) {
        BesideOnnx beside = BesideOnnx.of(BesideOnnx.model(path));
        OnnxSession session = OnnxSession.open(beside.file(), threads);
        try {
            return new OnnxModel(beside, session);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public Set<Integer> endTokens() {
        return new LinkedHashSet<>(beside.specialTokens().ends());
    }

    OnnxAbilities abilities() {
        return abilities;
    }

    /** So many sequences without a token, which the file runs as it is able to. */
    OnnxBatch batch(int sequences) {
        return OnnxBatch.empty(session, form, abilities.parts() == Parts.WHOLE, lengthClasses, sequences);
    }

    /** The same with keys and values kept, whether or not that gives the right numbers. */
    OnnxBatch cached(int sequences) {
        return OnnxBatch.empty(session, form, false, lengthClasses, sequences);
    }

    /** The folder of the file, with what lies beside it. */
    public Path directory() {
        return beside.file().toAbsolutePath().getParent();
    }

    /** What the file says about itself: patches, digests, verdicts. */
    public Map<String, String> metadata() {
        return session.metadata();
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new BadInput(
                "no tokenizer", toString(), "tokenizer.json", "none", "copy the model's tokenizer.json there"));
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        int[][] results = new int[prompts.size()][0];
        forEachBatch(prefix, prompts, (batch, chunk, first) -> {
            Logits logits = first;
            List<Integer> open = new ArrayList<>(chunk);
            for (int step = 0; step < maxNewTokens && !open.isEmpty(); step++) {
                int[][] next = new int[chunk.size()][1];
                for (int i = 0; i < chunk.size(); i++) {
                    int prompt = chunk.get(i);
                    next[i][0] = NextToken.argmax(logits.at(i, logits.places() - 1)); // runs on where it is finished
                    if (open.contains(prompt)) {
                        results[prompt] = TokenIds.joined(results[prompt], next[i]);
                    }
                }
                open.removeIf(prompt -> stop.test(results[prompt]));
                if (step + 1 < maxNewTokens && !open.isEmpty()) {
                    logits = batch.append(next);
                }
            }
        });
        return List.of(results);
    }

    @Override
    public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
        List<int[]> whole = IntStream.range(0, prompts.size())
                .mapToObj(i -> TokenIds.joined(prompts.get(i), continuations.get(i)))
                .toList();
        double[][] results = new double[prompts.size()][];
        forEachBatch(prefix, whole, (batch, chunk, logits) -> {
            for (int i = 0; i < chunk.size(); i++) {
                int[] continuation = continuations.get(chunk.get(i));
                double[] found = new double[continuation.length];
                int first = logits.places() - continuation.length - 1;
                for (int token = 0; token < found.length; token++) {
                    float[] row = logits.at(i, first + token);
                    found[token] = row[continuation[token]] - NextToken.logSumExp(row);
                }
                results[chunk.get(i)] = found;
            }
        });
        return List.of(results);
    }

    @Override
    public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
        float[][] results = new float[prompts.size()][];
        forEachBatch(prefix, prompts, (batch, chunk, logits) -> {
            for (int i = 0; i < chunk.size(); i++) {
                results[chunk.get(i)] = logits.at(i, logits.places() - 1);
            }
        });
        return List.of(results);
    }

    private interface Work {
        /** @param logits of the prompts, which the batch holds */
        void on(OnnxBatch batch, List<Integer> prompts, Logits logits);
    }

    /** Prompts side by side, behind the keys and values of a prefix that is run once, as far as the file is able to. */
    private void forEachBatch(int[] prefix, List<int[]> prompts, Work work) {
        for (int[] prompt : prompts) {
            if (prompt.length == 0) {
                throw new BadInput("empty prompt", "prompt", "at least one token", "none", "give some text or ids");
            }
        }
        boolean apart = prefix.length > 0 && abilities.parts() == Parts.ANY;
        List<int[]> runs = prefix.length == 0 || apart
                ? prompts
                : prompts.stream()
                        .map(prompt -> TokenIds.joined(prefix, prompt))
                        .toList();
        try (OnnxBatch shared = batch(1)) {
            if (apart) {
                shared.append(new int[][] {prefix});
            }
            for (List<Integer> chunk : chunks(runs, apart)) {
                try (OnnxBatch batch = apart ? shared.times(chunk.size()) : batch(chunk.size())) {
                    work.on(batch, chunk, batch.append(padded(runs, chunk)));
                }
            }
        }
    }

    /** Prompts of like length together. */
    private List<List<Integer>> chunks(List<int[]> prompts, boolean behindPrefix) {
        List<Integer> order = IntStream.range(0, prompts.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                .toList();
        List<List<Integer>> chunks = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= order.size(); to++) {
            boolean ends = to == order.size()
                    || (to + 1 - from) * prompts.get(order.get(to)).length > PLACES
                    || !runBeside(prompts.get(order.get(from)), prompts.get(order.get(to)), behindPrefix);
            if (ends) {
                chunks.add(order.subList(from, to));
                from = to;
            }
        }
        return chunks;
    }

    private boolean runBeside(int[] shorter, int[] longer, boolean behindPrefix) {
        return switch (abilities.sideBySide(behindPrefix)) {
            case PADDED -> true;
            case EQUAL_LENGTHS -> shorter.length == longer.length;
            case ALONE -> false;
        };
    }

    /** Padded on the left, so that every sequence ends at the same place. */
    static int[][] padded(List<int[]> prompts, List<Integer> chunk) {
        int longest = chunk.stream().mapToInt(i -> prompts.get(i).length).max().orElseThrow();
        int[][] ids = new int[chunk.size()][longest];
        for (int i = 0; i < ids.length; i++) {
            int[] prompt = prompts.get(chunk.get(i));
            Arrays.fill(ids[i], OnnxBatch.NONE);
            System.arraycopy(prompt, 0, ids[i], longest - prompt.length, prompt.length);
        }
        return ids;
    }

    @Override
    public String toString() {
        return directory().toString();
    }

    @Override
    public void close() {
        try (session) {
            tokenizer.ifPresent(Tokenizer::close);
        }
    }
}
