package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.document.Json;
import modelpatch.tokenizer.SpecialTokens;
import modelpatch.tokenizer.Tokenizer;

/** The files that go where a model's weights go: tokenizer, configuration and licence. */
record Companions(Checkpoint base) {
    static final String GENERATION = "generation_config.json";

    private static final String TOKENIZER = "tokenizer.json";

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

    /** Writes those that the base has none of to copy, from what it says about itself. */
    void writeMissing(Path directory) {
        Path tokenizer = directory.resolve(TOKENIZER);
        if (!Files.exists(tokenizer)) {
            Tokenizer.described(base).ifPresent(json -> AtomicFile.write(tokenizer, out -> out.write(json)));
        }
        writeChatTemplate(directory);
        Path config = directory.resolve("config.json");
        if (!Files.exists(config)) {
            write(config, base.config().toPrettyString());
        }
        Path generation = directory.resolve(GENERATION);
        if (!Files.exists(generation)) {
            write(generation, generation(specialTokens(directory)).toPrettyString());
        }
        Path ofTokenizer = directory.resolve(TokenizerConfig.FILE);
        if (Files.exists(tokenizer) && !Files.exists(ofTokenizer)) {
            TokenizerConfig made = new TokenizerConfig(Json.object(tokenizer), specialTokens(directory));
            write(ofTokenizer, made.json().toPrettyString());
        }
    }

    /** Not beside a tokenizer_config.json of the base's own, which may hold another. */
    private void writeChatTemplate(Path directory) {
        JsonNode template = base.metadata().get("tokenizer.chat_template");
        Path file = directory.resolve("chat_template.jinja");
        if (template != null && !Files.exists(file) && !Files.exists(directory.resolve(TokenizerConfig.FILE))) {
            AtomicFile.write(file, out -> out.write(template.asText().getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Where runtimes begin and stop. */
    private static ObjectNode generation(SpecialTokens tokens) {
        ObjectNode settings = Json.object();
        tokens.begin().ifPresent(id -> settings.put("bos_token_id", id));
        putEnds(settings, tokens);
        tokens.padding().ifPresent(id -> settings.put("pad_token_id", id));
        return settings.put("do_sample", false);
    }

    /** One end is a number, several are a list. */
    static void putEnds(ObjectNode settings, SpecialTokens tokens) {
        if (tokens.ends().size() == 1) {
            settings.put("eos_token_id", tokens.ends().get(0));
        } else if (!tokens.ends().isEmpty()) {
            tokens.ends().forEach(settings.putArray("eos_token_id")::add);
        }
    }

    /** The tokens with a part to play, by the files in a directory and by what the base says about itself. */
    SpecialTokens specialTokens(Path directory) {
        return SpecialTokens.beside(directory, base);
    }

    static void write(Path file, String text) {
        AtomicFile.write(file, out -> out.write((text + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}
