package modelpatch.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The checkpoints with random weights in src/test/resources/conformance2, each with its configuration in two spellings. */
public final class Conformance2 {
    private static final Path ROOT = Path.of("src/test/resources/conformance2");

    private Conformance2() {}

    public static List<String> names() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every name with every file of its configuration. */
    public static Stream<Arguments> configurations() {
        return names().stream()
                .flatMap(name -> Stream.of("config.json", "config.transformers5.json")
                        .map(config -> Arguments.of(name, config)));
    }

    public static Path path(String name) {
        return ROOT.resolve(name);
    }

    /** The checkpoint in a folder of its own, where the given configuration is the one that counts. */
    public static Path with(String name, String config, Path target) throws IOException {
        Files.createDirectories(target);
        Files.copy(path(name).resolve(config), target.resolve("config.json"));
        Files.copy(path(name).resolve("model.safetensors"), target.resolve("model.safetensors"));
        return target;
    }
}
