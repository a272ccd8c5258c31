package modelpatch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import picocli.CommandLine.Option;

/** Which model a command works on. */
final class ModelOptions {
    private static final String EMBEDDED = "default";

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = EMBEDDED,
            description = "a checkpoint folder, a GGUF file, or the name of a folder under models/")
    String model;

    @Option(names = "--allow-nan", description = "go on with weights that are not finite")
    boolean allowNan;

    /** Opens the model; says beforehand, as a remark, what memory it needs. */
    LanguageModel open(Subcommand command) {
        Path path = resolve();
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            command.remark(checkpoint.name() + ": needs about "
                    + MemorySize.text(LanguageModel.memoryNeeded(checkpoint)) + " of memory");
        }
        Long limit = command.common.maxMemory;
        return LanguageModel.open(path, new LoadOptions(command.common.threads(), allowNan, limit == null ? 0 : limit));
    }

    private Path resolve() {
        Path given = Path.of(model);
        if (Files.exists(given)) {
            return given;
        }
        Path named = Installation.models().resolve(model);
        if (!given.isAbsolute() && Files.exists(named)) {
            return named;
        }
        throw new BadInput(
                "no such model",
                "--model " + model,
                "a checkpoint folder, a GGUF file or a name under models/ (" + String.join(", ", names()) + ")",
                "nothing at " + given.toAbsolutePath().normalize(),
                "check the path");
    }

    private static List<String> names() {
        if (!Files.isDirectory(Installation.models())) {
            return List.of("there is none yet");
        }
        try (Stream<Path> models = Files.list(Installation.models())) {
            return models.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
