package modelpatch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.document.Json;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.GuardTarget;
import modelpatch.model.LanguageModel;

/** An exported ONNX model as what suites are run on; its metadata says which patches are in it. */
public final class OnnxTarget {
    private OnnxTarget() {}

    /**
     * An open ONNX model as something to run regression suites on.
     *
     * @param path the directory or the file that was opened
     * @param model answers; stays the caller's
     * @param base what drift is measured from; empty where it is not
     * @throws BadInput where the metadata names patches in a form that cannot be read
     */
    public static GuardTarget of(Path path, OnnxModel model, Optional<LanguageModel> base) {
        Map<String, String> metadata = model.metadata();
        return new GuardTarget(
                path.toString(),
                metadata.getOrDefault("modelpatch.digest", "not stated"),
                Optional.empty(),
                patches(path, metadata.getOrDefault("modelpatch.patches", "[]")),
                bytes(path),
                model,
                text -> base.map(unchanged ->
                        DriftMeter.on(text.title(), unchanged, text.passages()).measure(model)));
    }

    private static List<String> patches(Path path, String json) {
        List<String> ids = new ArrayList<>();
        Json.parse(json, path + ", metadata modelpatch.patches")
                .forEach(patch -> ids.add(patch.path("id").asText()));
        return ids;
    }

    /** Size of the graph and its external data. */
    private static long bytes(Path path) {
        Path directory = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        try (Stream<Path> files = Files.list(directory)) {
            long bytes = 0;
            for (Path file : files.toList()) {
                if (file.getFileName().toString().contains(".onnx")) {
                    bytes += Files.size(file);
                }
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
