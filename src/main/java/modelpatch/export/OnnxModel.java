package modelpatch.export;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.ModelConfig;
import modelpatch.document.Json;
import modelpatch.export.OnnxBatch.Logits;
import modelpatch.model.AnswerModel;
import modelpatch.model.NextToken;
import modelpatch.tokenizer.Tokenizer;

/**
 * An exported decoder in ONNX Runtime: what an evaluation or a guard needs of a model, from the file itself. It reads directories with model.onnx
 * whose inputs and outputs have the names that the ecosystem gives them. Not for use by several threads at once.
 */
public final class OnnxModel implements AnswerModel, AutoCloseable {
    /** Places of a batch, padding counted: logits of all of them are in memory at one time. */
    private static final int PLACES = 512;

    private final Path directory;
    private final OnnxSession session;
    private final List<String> cacheNames;
    private final long cacheHeads;
    private final long cacheWidth;
    private final boolean takesPositions;
    private final int contextLength;
    private final Optional<Tokenizer> tokenizer;

    /** @param session stays the caller's where this throws */
    private OnnxModel(Path file, OnnxSession session) {
        this.directory = file.toAbsolutePath().getParent();
        this.session = session;
        Map<String, NodeInfo> inputs = session.inputs();
        String prefix = "past_key_values.";
        this.cacheNames = inputs.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
        requireInputs(inputs);
        long[] cache = ((TensorInfo) inputs.get(prefix + cacheNames.get(0)).getInfo()).getShape(); // [B, K, T, D]
        this.cacheHeads = cache[1];
        this.cacheWidth = cache[3];
        this.takesPositions = inputs.containsKey("position_ids");
        this.contextLength = contextLength(directory);
        Path words = directory.resolve("tokenizer.json");
        this.tokenizer = Files.exists(words) ? Optional.of(Tokenizer.read(words)) : Optional.empty();
    }

    /**
     * Opens a model with config.json and, for text, tokenizer.json beside it.
     *
     * @param path the file, or a directory with model.onnx
     * @param threads that one operator may use
     * @throws BadInput where ONNX Runtime refuses the file, or it is no decoder with a cache
     */
    public static OnnxModel open(Path path, int threads) {
        Path file = Files.isDirectory(path) ? path.resolve(OnnxFile.MODEL) : path;
        if (!Files.exists(file)) {
            throw new BadInput(
                    "no ONNX model",
                    path.toString(),
                    "a directory with " + OnnxFile.MODEL + ", or a file",
                    "none",
                    "write one with patch export --format onnx");
        }
        OnnxSession session = OnnxSession.open(file, threads);
        try {
            return new OnnxModel(file, session);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private void requireInputs(Map<String, NodeInfo> inputs) {
        boolean decoder = inputs.containsKey("input_ids") && inputs.containsKey("attention_mask");
        if (!decoder || cacheNames.isEmpty()) {
            throw new BadInput(
                    "not a decoder with a cache",
                    directory.toString(),
                    "inputs input_ids, attention_mask and past_key_values.N.key and .value",
                    String.join(", ", inputs.keySet().stream().limit(6).toList()),
                    "export the model with its cache");
        }
    }

    private static int contextLength(Path directory) {
        JsonNode config = Json.object(directory.resolve("config.json"));
        return ModelConfig.contextLength(config)
                .orElseThrow(() -> new BadInput(
                        "no context length",
                        directory.toString(),
                        "max_position_embeddings in config.json",
                        "none",
                        "add it to config.json"));
    }

    /** The tokens that end a text, by generation_config.json or else config.json; none where they name none. */
    public Set<Integer> endOfSequence() {
        Path generation = directory.resolve(Companions.GENERATION);
        JsonNode config = Json.object(Files.exists(generation) ? generation : directory.resolve("config.json"));
        return new TreeSet<>(
                TokenIds.of(role -> config.path(role + "_token_id")).eos());
    }

    OnnxSession session() {
        return session;
    }

    /** N.key and N.value of every block, as the file orders them. */
    List<String> cacheNames() {
        return cacheNames;
    }

    long cacheHeads() {
        return cacheHeads;
    }

    long cacheWidth() {
        return cacheWidth;
    }

    boolean takesPositions() {
        return takesPositions;
    }

    /** The folder of the file, with what lies beside it. */
    public Path directory() {
        return directory;
    }

    /** What the file says about itself: patches, digests, verdicts. */
    public Map<String, String> metadata() {
        return session.metadata();
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new BadInput(
                "no tokenizer",
                directory.toString(),
                "tokenizer.json",
                "none",
                "copy the model's tokenizer.json there"));
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        int[][] results = new int[prompts.size()][0];
        forEachBatch(prefix, prompts, (batch, chunk) -> {
            Logits logits = batch.append(padded(prompts, chunk));
            List<Integer> open = new ArrayList<>(chunk);
            for (int step = 0; step < maxNewTokens && !open.isEmpty(); step++) {
                int[][] next = new int[chunk.size()][1];
                for (int i = 0; i < chunk.size(); i++) {
                    int prompt = chunk.get(i);
                    next[i][0] = OnnxBatch.NONE;
                    if (open.contains(prompt)) {
                        next[i][0] = NextToken.argmax(logits.at(i, logits.places() - 1));
                        results[prompt] = concatenated(results[prompt], next[i]);
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
                .mapToObj(i -> concatenated(prompts.get(i), continuations.get(i)))
                .toList();
        double[][] results = new double[prompts.size()][];
        forEachBatch(prefix, whole, (batch, chunk) -> {
            Logits logits = batch.append(padded(whole, chunk));
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
        forEachBatch(prefix, prompts, (batch, chunk) -> {
            Logits logits = batch.append(padded(prompts, chunk));
            for (int i = 0; i < chunk.size(); i++) {
                results[chunk.get(i)] = logits.at(i, logits.places() - 1);
            }
        });
        return List.of(results);
    }

    private interface Work {
        void on(OnnxBatch batch, List<Integer> prompts);
    }

    /** Prompts of like length side by side, behind the keys and values of a prefix that is run once. */
    private void forEachBatch(int[] prefix, List<int[]> prompts, Work work) {
        for (int[] prompt : prompts) {
            if (prompt.length == 0) {
                throw new BadInput("empty prompt", "prompt", "at least one token", "none", "give some text or ids");
            }
        }
        try (OnnxBatch shared = OnnxBatch.empty(this, 1)) {
            if (prefix.length > 0) {
                shared.append(new int[][] {prefix});
            }
            for (List<Integer> chunk : chunks(prompts)) {
                try (OnnxBatch batch =
                        prefix.length > 0 ? shared.times(chunk.size()) : OnnxBatch.empty(this, chunk.size())) {
                    work.on(batch, chunk);
                }
            }
        }
    }

    private static List<List<Integer>> chunks(List<int[]> prompts) {
        List<Integer> order = IntStream.range(0, prompts.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                .toList();
        List<List<Integer>> chunks = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= order.size(); to++) {
            boolean full = to < order.size() && (to + 1 - from) * prompts.get(order.get(to)).length > PLACES;
            if (full || to == order.size()) {
                chunks.add(order.subList(from, to));
                from = to;
            }
        }
        return chunks;
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

    private static int[] concatenated(int[] a, int[] b) {
        return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    @Override
    public void close() {
        try (session) {
            tokenizer.ifPresent(Tokenizer::close);
        }
    }
}
