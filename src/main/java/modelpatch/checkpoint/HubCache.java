package modelpatch.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;

/** A model's folder in the cache of a hub's client: refs/ with names of revisions, snapshots/ with a folder a revision. */
final class HubCache {
    private HubCache() {}

    /**
     * The snapshot that a folder of the cache stands for: of its main revision, else its only one; empty for any other folder.
     *
     * @throws BadInput where there are several and none is the main one
     */
    static Optional<Path> snapshot(Path folder) {
        Path snapshots = folder.resolve("snapshots");
        if (!Files.isDirectory(snapshots)) {
            return Optional.empty();
        }
        Path main = folder.resolve("refs").resolve("main");
        try {
            if (Files.exists(main)) {
                String revision = Files.readString(main, StandardCharsets.UTF_8).strip();
                Path named = snapshots.resolve(revision).normalize();
                if (snapshots.normalize().equals(named.getParent()) && Files.isDirectory(named)) {
                    return Optional.of(named);
                }
            }
            try (Stream<Path> found = Files.list(snapshots)) {
                List<Path> revisions = found.filter(Files::isDirectory).sorted().toList();
                if (revisions.size() == 1) {
                    return Optional.of(revisions.get(0));
                }
                throw new BadInput(
                        "which snapshot",
                        folder.toString(),
                        "one folder in snapshots/, or refs/main with its name",
                        revisions.size() + " folders",
                        "give the path of one: " + snapshots + "/REVISION");
            }
        } catch (IOException e) {
            throw BadInput.reading(folder, e);
        }
    }
}
