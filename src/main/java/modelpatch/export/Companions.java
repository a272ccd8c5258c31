package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.JsonFile;
import modelpatch.model.Tokenizer;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/** The files that go where a model's weights go: tokenizer, configuration, licence, and the record of what is in the weights. */
record Companions(Checkpoint base) {
    /** Tells which patches are in the weights. */
    static final String RECORD = "modelpatch.json";

    /** How near an ONNX file came to the engine. */
    static final String PARITY = "parity.json";

    static final String GENERATION = "generation_config.json";

    private static final String TOKENIZER = "tokenizer.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Files beside weights that a tokenizer or a runtime reads. */
    private static final Set<String> NAMES = Set.of(
            "config.json",
            GENERATION,
            TOKENIZER,
            TokenizerConfig.FILE,
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja");

    /** Copies those that lie beside the base; what is in the directory already stays. */
    void copy(Path directory) throws IOException {
        copyFrom(beside(), directory, Companions::goesWithWeights);
    }

    /** Copies licences and notices alone, for a file that brings tokenizer and configuration itself. */
    void copyNotices(Path directory) throws IOException {
        copyFrom(beside(), directory, Companions::isNotice);
    }

    private Path beside() {
        return Files.isDirectory(base.path())
                ? base.path()
                : base.path().toAbsolutePath().getParent();
    }

    /** Copies those that lie beside an ONNX file, what describes its graph among them. */
    void copyFrom(Path source, Path directory) throws IOException {
        copyFrom(source, directory, file -> goesWithWeights(file) || file.endsWith(GenAiConfig.FILE));
    }

    private static void copyFrom(Path source, Path directory, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            for (Path file :
                    files.filter(Files::isRegularFile).filter(wanted).sorted().toList()) {
                Path copy = directory.resolve(file.getFileName());
                if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
    }

    private static boolean goesWithWeights(Path file) {
        return NAMES.contains(file.getFileName().toString()) || isNotice(file);
    }

    private static boolean isNotice(Path file) {
        String name = file.getFileName().toString().toUpperCase(Locale.ROOT);
        return name.startsWith("LICENSE") || name.startsWith("LICENCE") || name.startsWith("NOTICE");
    }

    /**
     * Writes config.json, tokenizer.json, chat_template.jinja, generation_config.json, which tells runtimes where to stop, and
     * tokenizer_config.json, which tells them to take tokenizer.json as it is, where the base has none to copy: from what it says about itself.
     */
    void writeMissing(Path directory) {
        Path tokenizer = directory.resolve(TOKENIZER);
        if (!Files.exists(tokenizer)) {
            Tokenizer.described(base).ifPresent(json -> AtomicFile.write(tokenizer, out -> out.write(json)));
        }
        Path ofTokenizer = directory.resolve(TokenizerConfig.FILE);
        JsonNode template = base.metadata().get("tokenizer.chat_template");
        Path chats = directory.resolve("chat_template.jinja");
        if (template != null && !Files.exists(chats) && !Files.exists(ofTokenizer)) {
            AtomicFile.write(chats, out -> out.write(template.asText().getBytes(StandardCharsets.UTF_8)));
        }
        Path config = directory.resolve("config.json");
        if (!Files.exists(config)) {
            write(config, base.config().toPrettyString());
        }
        Path generation = directory.resolve(GENERATION);
        if (!Files.exists(generation)) {
            ObjectNode settings = JSON.createObjectNode();
            for (String role : TokenIds.ROLES) {
                JsonNode id = statedByBase(role);
                if (!id.isMissingNode() && !id.isNull()) {
                    settings.set(role + "_token_id", id);
                }
            }
            write(generation, settings.put("do_sample", false).toPrettyString());
        }
        if (Files.exists(tokenizer) && !Files.exists(ofTokenizer)) {
            TokenizerConfig made = new TokenizerConfig(JsonFile.object(tokenizer), tokenIds(directory));
            write(ofTokenizer, made.json().toPrettyString());
        }
    }

    /** The tokens with a part to play, by the generation_config.json in a directory, or else by what the base says about itself. */
    TokenIds tokenIds(Path directory) {
        JsonNode generation = JsonFile.object(directory.resolve(GENERATION));
        return TokenIds.of(role -> {
            JsonNode id = generation.path(role + "_token_id");
            return id.isMissingNode() || id.isNull() ? statedByBase(role) : id;
        });
    }

    private JsonNode statedByBase(String role) {
        JsonNode inGguf = base.metadata()
                .getOrDefault(
                        "tokenizer.ggml." + (role.equals("pad") ? "padding" : role) + "_token_id",
                        JsonNodeFactory.instance.missingNode());
        JsonNode configured = base.config().path(role + "_token_id");
        return configured.isMissingNode() || configured.isNull() ? inGguf : configured;
    }

    void writeRecord(Path directory, PatchStack stack, Set<String> edited) {
        ObjectNode record = JSON.createObjectNode();
        record.putObject("base").put("name", base.name()).put("digest", base.digest());
        record.set("patches", patches(stack));
        edited.forEach(record.putArray("edited_tensors")::add);
        write(directory.resolve(RECORD), record.toPrettyString());
    }

    /** The record as key-values, for files that carry such. */
    Map<String, String> metadata(PatchStack stack) {
        return Map.of(
                "modelpatch.base", base.name(),
                "modelpatch.base_digest", base.digest(),
                "modelpatch.digest", stack.digest(base.digest()),
                "modelpatch.patches", patches(stack).toString());
    }

    private static ArrayNode patches(PatchStack stack) {
        ArrayNode patches = JSON.createArrayNode();
        for (WeightPatch patch : stack.patches()) {
            patches.addObject()
                    .put("id", patch.id())
                    .put("method", patch.provenance().method())
                    .put("verdict", patch.provenance().verdict().name())
                    .put("author", patch.provenance().author())
                    .put("reason", patch.provenance().reason());
        }
        return patches;
    }

    /**
     * Writes {@link #PARITY}, the evidence that goes with the file.
     *
     * @param given of a file that was patched, as it was before, with the unpatched engine; empty where there is none
     */
    static void writeParity(Path directory, Parity parity, Optional<Parity> given) {
        ObjectNode evidence = JSON.createObjectNode()
                .put("measure", parity.measure().name().toLowerCase(Locale.ROOT))
                .put("limit", parity.limit())
                .put("same_greedy", parity.greedy())
                .put("prompts", parity.prompts())
                .put("new_tokens", parity.newTokens());
        given.ifPresent(before -> evidence.put("given_kl_mean", before.klMean()));
        ArrayNode ways = evidence.putArray("ways");
        for (Parity.Way way : parity.ways()) {
            ObjectNode one = ways.addObject()
                    .put("name", way.name())
                    .put("largest_difference", way.largestDifference())
                    .put("same_top", way.sameTop())
                    .put("positions", way.positions());
            way.klMean().ifPresent(kl -> one.put("kl_mean", kl));
        }
        if (!parity.suites().isEmpty()) {
            evidence.set("suites", JSON.valueToTree(parity.suites()));
        }
        write(directory.resolve(PARITY), evidence.toPrettyString());
    }

    static void write(Path file, String text) {
        AtomicFile.write(file, out -> out.write((text + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}
