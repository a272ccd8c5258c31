package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.LengthClasses;
import modelpatch.architecture.ModelConfig;
import modelpatch.document.Json;
import modelpatch.document.NamedFile;
import modelpatch.tokenizer.SpecialTokens;
import modelpatch.tokenizer.Tokenizer;

/**
 * What the files beside an ONNX model say of it: config.json and generation_config.json of the model that was exported, and genai_config.json of
 * ONNX Runtime GenAI. Hubs keep the first two one folder up from {@code onnx/}.
 *
 * @param file the ONNX model
 * @param config missing where there is none
 * @param generation likewise
 * @param genai likewise
 */
record BesideOnnx(Path file, JsonNode config, JsonNode generation, JsonNode genai) {
    /** Where hubs put ONNX files. */
    private static final String FOLDER = "onnx";

    static BesideOnnx of(Path file) {
        return new BesideOnnx(
                file,
                json(file, "config.json"),
                json(file, Companions.GENERATION),
                json(file, GenAiConfig.FILE).path("model"));
    }

    private static JsonNode json(Path file, String name) {
        return find(file, name).map(Json::object).orElse(MissingNode.getInstance());
    }

    private static Optional<Path> find(Path file, String name) {
        Path directory = file.toAbsolutePath().getParent();
        boolean inFolder = directory.endsWith(FOLDER);
        return Stream.of(directory, inFolder ? directory.getParent() : directory)
                .map(folder -> folder.resolve(name))
                .filter(Files::exists)
                .findFirst();
    }

    /**
     * The ONNX model that a path stands for.
     *
     * @param path the file, or a directory with model.onnx, with one that its genai_config.json names, or with one alone
     * @throws BadInput where there is none
     */
    static Path model(Path path) {
        if (!Files.isDirectory(path)) {
            return require(path, Files.exists(path) ? List.of(path) : List.of());
        }
        Path stated = path.resolve(GenAiConfig.FILE);
        String name = Files.exists(stated)
                ? Json.object(stated).at("/model/decoder/filename").asText(OnnxFile.MODEL)
                : OnnxFile.MODEL;
        List<Path> usual = Stream.of(
                        NamedFile.beside(stated, name), path.resolve(FOLDER).resolve(OnnxFile.MODEL))
                .filter(Files::exists)
                .toList();
        return usual.isEmpty() ? require(path, modelsIn(path)) : usual.get(0);
    }

    private static List<Path> modelsIn(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".onnx"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw BadInput.reading(directory, e);
        }
    }

    private static Path require(Path path, List<Path> found) {
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new BadInput(
                "no ONNX model",
                path.toString(),
                "a directory with " + OnnxFile.MODEL + ", or a file",
                found.isEmpty() ? "none" : found.size() + " of other names",
                found.isEmpty() ? "write one with patch export --format onnx" : "name one of the files");
    }

    Optional<Tokenizer> tokenizer() {
        return find(file, "tokenizer.json")
                .map(Tokenizer::read)
                .map(read -> vocabulary().isPresent() ? read.within(vocabulary().getAsInt()) : read);
    }

    /** @throws BadInput where nobody says it */
    int contextLength() {
        OptionalInt stated = Stream.of(config, config.path("text_config"))
                .map(ModelConfig::contextLength)
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElseGet(() -> first(genai, List.of("context_length")));
        return stated.orElseThrow(() -> new BadInput(
                "no context length",
                file.toAbsolutePath().getParent().toString(),
                "max_position_embeddings in config.json, or context_length in " + GenAiConfig.FILE,
                "none",
                "put the model's config.json beside the file"));
    }

    /** Heads that keep keys and values. */
    OptionalInt keyValueHeads() {
        OptionalInt runtimes = first(genai.path("decoder"), List.of("num_key_value_heads"));
        return runtimes.isPresent() ? runtimes : configured(ModelConfig::nKeyValueHeads);
    }

    /** Width of a head's keys and values. */
    OptionalInt headSize() {
        OptionalInt runtimes = first(genai.path("decoder"), List.of("head_size"));
        return runtimes.isPresent() ? runtimes : configured(ModelConfig::dHead);
    }

    /** A size by config.json, where its family is known. */
    private OptionalInt configured(ToIntFunction<ModelConfig> size) {
        return layout().map(layout -> OptionalInt.of(size.applyAsInt(layout.config())))
                .orElse(OptionalInt.empty()); // then the caller says that nobody states it
    }

    /** Which sequences turn alike: all of them, where no config.json says more. */
    LengthClasses lengthClasses() {
        return layout().map(DecoderLayout::lengthClasses).orElse(new LengthClasses(List.of()));
    }

    /** By config.json, where its family is known. */
    private Optional<DecoderLayout> layout() {
        try {
            return config.isMissingNode() ? Optional.empty() : Optional.of(DecoderLayout.of(config, file.toString()));
        } catch (BadInput unknown) {
            return Optional.empty();
        }
    }

    /** Whether attention may see the last so many places only. */
    boolean saysSlidingWindow() {
        return Stream.of(config, config.path("text_config"), genai.path("decoder"))
                .flatMap(json -> Stream.of(json.path("sliding_window"), json.path("window_size")))
                .anyMatch(window -> window.isNumber() || window.isObject());
    }

    private static OptionalInt first(JsonNode json, List<String> keys) {
        return keys.stream()
                .map(json::path)
                .filter(value -> value.canConvertToInt() && value.asInt() > 0)
                .mapToInt(JsonNode::asInt)
                .findFirst();
    }

    /** The tokens with a part to play. */
    SpecialTokens specialTokens() {
        return SpecialTokens.of(
                json(file, "tokenizer.json"),
                json(file, TokenizerConfig.FILE),
                List.of(generation, config, config.path("text_config"), genai));
    }

    /** How many tokens the model knows, where a file states it. */
    OptionalInt vocabulary() {
        return Stream.of(config, config.path("text_config"), genai)
                .flatMapToInt(json -> first(json, List.of("vocab_size")).stream())
                .findFirst();
    }

    /**
     * What genai_config.json calls an input or output.
     *
     * @param end inputs or outputs
     * @param role such as input_ids; one of a layer has a %d for its number
     */
    String name(String end, String role, String otherwise) {
        return genai.path("decoder").path(end).path(role).asText(otherwise);
    }
}
