package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedInstallationTest {
    @TempDir
    Path folder;

    private Path jar(String text, String... names) throws IOException {
        Path jar = folder.resolve("library-" + text + ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String name : names) {
                out.putNextEntry(new JarEntry(name));
                out.write(text.getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        return jar;
    }

    private static Path unpack(Path jar, Path cache) throws IOException {
        try (JarFile opened = new JarFile(jar.toFile())) {
            return PackedInstallation.unpack(opened, cache);
        }
    }

    @Test
    void itIsUnpackedOnceUnderANameOfItsBytes() throws IOException {
        Path cache = folder.resolve("cache");
        Path jar = jar("one", "modelpatch/installation/models/m/config.json", "modelpatch/Other.class");
        Path home = unpack(jar, cache);
        assertThat(home.resolve("models/m/config.json")).hasContent("one");
        Files.writeString(home.resolve("kept"), "");
        assertThat(unpack(jar, cache)).isEqualTo(home);
        assertThat(home.resolve("kept")).exists();
        assertThat(unpack(jar("two", "modelpatch/installation/models/m/config.json"), cache))
                .isNotEqualTo(home);
    }

    @Test
    void whoStartsAtTheSameTimeFindsAllOfIt() throws Exception {
        Path cache = folder.resolve("cache");
        String[] names = Stream.iterate(0, n -> n + 1)
                .limit(200)
                .map(n -> "modelpatch/installation/f" + n)
                .toArray(String[]::new);
        Path jar = jar("text", names);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Callable<Long> start = () -> {
                try (Stream<Path> files = Files.list(unpack(jar, cache))) {
                    return files.count();
                }
            };
            for (Future<Long> count : pool.invokeAll(List.of(start, start, start, start))) {
                assertThat(count.get()).isEqualTo(200);
            }
        } finally {
            pool.shutdown();
        }
        try (Stream<Path> left = Files.list(cache)) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void noEntryLeavesTheFolder() throws IOException {
        Path jar = jar("text", "modelpatch/installation/../../../escaped");
        assertThatThrownBy(() -> unpack(jar, folder.resolve("cache"))).isInstanceOf(IOException.class);
    }
}
