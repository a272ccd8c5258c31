package modelpatch;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** The installation inside the library's jar, for builds that depend on it: models and sentences are read from files. */
final class PackedInstallation {
    private static final String FOLDER = "modelpatch/installation/";

    private PackedInstallation() {}

    /** Where it lies now; empty for a jar without one. */
    static Optional<Path> unpacked() {
        return Unpacked.ONCE;
    }

    private static final class Unpacked {
        static final Optional<Path> ONCE = find();

        private static Optional<Path> find() {
            URL found = PackedInstallation.class.getResource("/" + FOLDER + "models/default/config.json");
            try {
                if (found == null) {
                    return Optional.empty();
                }
                if (found.openConnection() instanceof JarURLConnection jar) {
                    return Optional.of(unpack(jar.getJarFile(), Installation.cache()));
                }
                return Optional.of(Path.of(URI.create(found.toString()))
                        .resolve("../../..")
                        .normalize());
            } catch (IOException e) {
                throw BadInput.writing(Installation.cache(), e);
            }
        }
    }

    /**
     * Unpacks it below a folder under a name that its bytes decide, unless it lies there. It comes into place as a whole: who starts at
     * the same time finds nothing or everything.
     */
    static Path unpack(JarFile jar, Path cache) throws IOException {
        List<JarEntry> entries = jar.stream()
                .filter(entry -> entry.getName().startsWith(FOLDER) && !entry.isDirectory())
                .sorted(Comparator.comparing(JarEntry::getName))
                .toList();
        CRC32 sum = new CRC32();
        for (JarEntry entry : entries) {
            sum.update(
                    (entry.getName() + " " + entry.getSize() + " " + entry.getCrc()).getBytes(StandardCharsets.UTF_8));
        }
        Path target = cache.resolve("installation-" + Long.toHexString(sum.getValue()));
        if (Files.isDirectory(target)) {
            return target;
        }
        Files.createDirectories(cache);
        Path building = Files.createTempDirectory(cache, "installation");
        try {
            for (JarEntry entry : entries) {
                Path file = building.resolve(entry.getName().substring(FOLDER.length()))
                        .normalize();
                if (!file.startsWith(building)) {
                    throw new IOException(entry.getName() + " would lie outside of its folder");
                }
                Files.createDirectories(file.getParent());
                try (InputStream in = jar.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
            Files.move(building, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(target)) { // else somebody was faster, with the same bytes
                throw e;
            }
        } finally {
            delete(building);
        }
        return target;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
