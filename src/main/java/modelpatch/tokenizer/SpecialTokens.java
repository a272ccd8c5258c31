package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.ToIntFunction;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.document.Json;

/**
 * The tokens with a part to play, by everything that the files of a model say. Where files name different ones for a part that one token
 * plays, that of tokenizer_config.json is taken, then that of generation_config.json, of config.json, of the weights' own metadata. A text may end
 * in many ways, so every token that any file says it ends with ends it: chat models name the end of a turn in one file and the end of a
 * text in another.
 *
 * @param begin what stands before a text
 * @param ends what ends a text or a turn, in the order of the files; empty where no file names one
 * @param padding what fills up a batch
 * @param unknown what stands for text that the vocabulary lacks
 */
public record SpecialTokens(OptionalInt begin, List<Integer> ends, OptionalInt padding, OptionalInt unknown) {
    private static final String GGUF = "tokenizer.ggml.";

    /** The keys of one role here and in GGUF's metadata, which name the ends of a text, a turn and a message apart. */
    private static final Map<String, List<String>> IN_GGUF = Map.of(
            "bos",
            List.of("bos"),
            "eos",
            List.of("eos", "eot", "eom"),
            "pad",
            List.of("padding"),
            "unk",
            List.of("unknown"));

    public SpecialTokens {
        ends = List.copyOf(ends);
    }

    /** By a checkpoint and the files beside it. */
    public static SpecialTokens of(Checkpoint checkpoint) {
        Path directory = Files.isDirectory(checkpoint.path())
                ? checkpoint.path()
                : checkpoint.path().toAbsolutePath().getParent();
        return beside(directory, checkpoint);
    }

    /** By a checkpoint and the files in a directory that stand for those beside it. */
    public static SpecialTokens beside(Path directory, Checkpoint checkpoint) {
        JsonNode config = checkpoint.config();
        return of(
                file(directory, "tokenizer.json"),
                file(directory, "tokenizer_config.json"),
                List.of(
                        file(directory, "generation_config.json"),
                        config,
                        config.path("text_config"),
                        inGguf(checkpoint.metadata())));
    }

    /**
     * By the files themselves, missing where there are none.
     *
     * @param tokenizer tokenizer.json
     * @param tokenizerConfig names tokens
     * @param configs name ids, as {@code eos_token_id} does; the one that goes before others first
     */
    public static SpecialTokens of(JsonNode tokenizer, JsonNode tokenizerConfig, List<JsonNode> configs) {
        List<Integer> behind = SequenceEnds.closing(tokenizer.path("post_processor"));
        return of(name -> Vocabulary.id(tokenizer, name), tokenizerConfig, configs, behind);
    }

    /**
     * As above, for a vocabulary at hand.
     *
     * @param tokens by id, null where an id has none; ids beyond them count for nothing
     */
    static SpecialTokens of(String[] tokens, JsonNode tokenizerConfig, List<JsonNode> configs) {
        SpecialTokens all = of(name -> Arrays.asList(tokens).indexOf(name), tokenizerConfig, configs, List.of());
        return all.below(tokens.length);
    }

    private static SpecialTokens of(
            ToIntFunction<String> idOf, JsonNode tokenizerConfig, List<JsonNode> configs, List<Integer> behindTexts) {
        Set<Integer> ends = new LinkedHashSet<>(stated("eos", idOf, tokenizerConfig, configs));
        ends.addAll(behindTexts);
        return new SpecialTokens(
                first(stated("bos", idOf, tokenizerConfig, configs)),
                new ArrayList<>(ends),
                first(stated("pad", idOf, tokenizerConfig, configs)),
                first(stated("unk", idOf, tokenizerConfig, configs)));
    }

    /** All that is said of a role, the most trusted first. */
    private static List<Integer> stated(
            String role, ToIntFunction<String> idOf, JsonNode tokenizerConfig, List<JsonNode> configs) {
        List<Integer> ids = new ArrayList<>();
        JsonNode name = tokenizerConfig.path(role + "_token");
        String text = name.path("content").asText(name.asText(""));
        if (!text.isEmpty() && !name.isNull()) {
            add(ids, JsonNodeFactory.instance.numberNode(idOf.applyAsInt(text)));
        }
        for (JsonNode config : configs) {
            JsonNode found = config.path(role + "_token_id");
            (found.isArray() ? found : List.of(found)).forEach(id -> add(ids, id));
        }
        return ids;
    }

    /** Some files say -1 for none. */
    private static void add(List<Integer> ids, JsonNode id) {
        if (id.isIntegralNumber() && id.canConvertToInt() && id.asInt() >= 0) {
            ids.add(id.asInt());
        }
    }

    private static OptionalInt first(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).findFirst();
    }

    /** What GGUF's metadata say, in the manner of config.json. */
    static JsonNode inGguf(Map<String, JsonNode> metadata) {
        ObjectNode config = Json.object();
        IN_GGUF.forEach((role, names) -> names.forEach(name -> {
            JsonNode id = metadata.get(GGUF + name + "_token_id");
            if (id != null) {
                config.withArray(role + "_token_id").add(id);
            }
        }));
        return config;
    }

    private static JsonNode file(Path directory, String name) {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Json.object(file) : MissingNode.getInstance();
    }

    /** Without those that have no row in an embedding. */
    public SpecialTokens below(int rows) {
        return new SpecialTokens(
                below(begin, rows),
                ends.stream().filter(id -> id < rows).toList(),
                below(padding, rows),
                below(unknown, rows));
    }

    private static OptionalInt below(OptionalInt id, int rows) {
        return id.isPresent() && id.getAsInt() < rows ? id : OptionalInt.empty();
    }
}
