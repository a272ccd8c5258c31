import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * The parts of a release, run by release/build with the class path of the project:
 *
 * <pre>
 * java Archive.java libraries PLATFORM CLASSPATH FOLDER   lib/ and natives/ from the jars: each library once, each native library of the platform
 * java Archive.java sums FOLDER                           SHA256SUMS over all other files
 * java Archive.java pack FOLDER TIME FILE                 the folder as tar.gz, the same bytes whenever the files are the same
 * </pre>
 */
final class Archive {
    private static final List<String> NATIVE_ENDINGS =
            List.of(".so", ".so.1", ".dylib", ".jnilib", ".dll", ".a", ".yml", "Info.plist");

    /** Names of one platform in the jars of the engines. */
    private record Platform(String djl, String onnxRuntime, String jna, String jline) {
        static Platform of(String name) {
            return switch (name) {
                case "linux-x86_64" -> new Platform(name, "linux-x64", "linux-x86-64", "Linux/x86_64");
                case "linux-aarch64" -> new Platform(name, "linux-aarch64", "linux-aarch64", "Linux/arm64");
                case "osx-aarch64" -> new Platform(name, "osx-aarch64", "darwin-aarch64", "Mac/arm64");
                default -> throw new IllegalArgumentException("no release is made for " + name);
            };
        }
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[arguments[0].equals("libraries") ? 3 : 1]);
        switch (arguments[0]) {
            case "libraries" -> libraries(Platform.of(arguments[1]), arguments[2].split(":"), folder);
            case "sums" -> sums(folder);
            case "pack" -> pack(folder, Instant.parse(arguments[2]), Path.of(arguments[3]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void libraries(Platform platform, String[] classPath, Path folder) throws IOException {
        Path natives = folder.resolve("natives");
        Path lib = Files.createDirectories(folder.resolve("lib"));
        List<String> names = new ArrayList<>();
        Properties torch = new Properties();
        for (String jar : classPath) {
            Path file = Path.of(jar);
            String name = file.getFileName().toString();
            withoutNatives(file, lib.resolve(name));
            names.add(name);
            try (JarFile opened = new JarFile(jar)) {
                if (name.startsWith("pytorch-native-")) {
                    torch.load(new ByteArrayInputStream(bytes(opened, "native/lib/pytorch.properties")));
                    Path target = natives.resolve("pytorch").resolve(torchFolder(torch));
                    for (String library : torch.getProperty("libraries").split(",")) {
                        unpack(opened, platform.djl() + "/" + library, target.resolve(library));
                    }
                } else if (name.startsWith("tokenizers-")) {
                    String version = property(opened, "native/lib/tokenizers.properties", "version");
                    String api = name.replaceAll("tokenizers-|\\.jar", "");
                    Path target = natives.resolve("tokenizers")
                            .resolve(
                                    version.contains(api)
                                            ? version + "-cpu-" + platform.djl()
                                            : version + "-" + api + "-cpu-" + platform.djl());
                    unpackAll(opened, "native/lib/" + platform.djl() + "/cpu/", target);
                } else if (name.startsWith("onnxruntime-")) {
                    unpackAll(
                            opened,
                            "ai/onnxruntime/native/" + platform.onnxRuntime() + "/",
                            natives.resolve("onnxruntime"));
                } else if (name.startsWith("jna-")) {
                    unpackAll(opened, "com/sun/jna/" + platform.jna() + "/", natives.resolve("jna"));
                } else if (name.startsWith("jline-native-")) {
                    unpackAll(opened, "org/jline/nativ/" + platform.jline() + "/", natives.resolve("jline"));
                }
            }
        }
        for (String jar : classPath) {
            String name = Path.of(jar).getFileName().toString();
            if (name.startsWith("pytorch-jni-")) {
                String api = name.replaceAll(".*-|\\.jar", "");
                try (JarFile opened = new JarFile(jar)) {
                    String glue = System.mapLibraryName("djl_torch");
                    // that for the processor lies beside its libraries; that for CUDA alone, for a PyTorch that the
                    // user brings
                    for (String flavor : flavors(opened, "jnilib/" + platform.djl() + "/")) {
                        unpack(
                                opened,
                                "jnilib/" + platform.djl() + "/" + flavor + "/" + glue,
                                natives.resolve("pytorch")
                                        .resolve(
                                                flavor.equals("cpu")
                                                        ? torchFolder(torch)
                                                        : torch.getProperty("version") + "-" + flavor + "-" + platform.djl())
                                        .resolve(api + "-" + glue));
                    }
                }
            }
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", names));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        manifest.write(text);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(lib.resolve("patch.jar")))) {
            store(out, JarFile.MANIFEST_NAME, text.toByteArray());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                blankSymbols(file);
            }
        }
    }

    /** The folders right below one of a jar. */
    private static List<String> flavors(JarFile jar, String folder) {
        return jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.startsWith(folder) && !name.equals(folder))
                .map(name -> name.substring(folder.length()).replaceAll("/.*", ""))
                .distinct()
                .toList();
    }

    private static String torchFolder(Properties torch) {
        return torch.getProperty("version") + "-" + torch.getProperty("flavor") + "-" + torch.getProperty("classifier");
    }

    /** The same classes and resources, not compressed, so that the archive is compressed once, over all of them. */
    private static void withoutNatives(Path jar, Path target) throws IOException {
        try (ZipFile in = new ZipFile(jar.toFile());
                ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(target)))) {
            Enumeration<? extends ZipEntry> entries = in.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory()
                        && !entry.getName().startsWith("modelpatch/installation/")
                        && NATIVE_ENDINGS.stream().noneMatch(entry.getName()::endsWith)) {
                    store(out, entry.getName(), in.getInputStream(entry).readAllBytes());
                }
            }
        }
    }

    private static void store(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        entry.setTimeLocal(java.time.LocalDateTime.of(1980, 2, 1, 0, 0));
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }

    private static byte[] bytes(JarFile jar, String name) throws IOException {
        return jar.getInputStream(jar.getEntry(name)).readAllBytes();
    }

    private static String property(JarFile jar, String file, String key) throws IOException {
        Properties properties = new Properties();
        properties.load(new ByteArrayInputStream(bytes(jar, file)));
        return properties.getProperty(key);
    }

    private static void unpackAll(JarFile jar, String prefix, Path folder) throws IOException {
        for (ZipEntry entry : jar.stream().toList()) {
            String rest = entry.getName().startsWith(prefix) ? entry.getName().substring(prefix.length()) : "";
            if (!rest.isEmpty() && !rest.contains("/")) {
                unpack(jar, entry.getName(), folder.resolve(rest));
            }
        }
    }

    /** The entry whose name ends so. */
    private static void unpack(JarFile jar, String ending, Path target) throws IOException {
        ZipEntry entry = jar.stream()
                .filter(one -> one.getName().endsWith(ending))
                .findFirst()
                .orElseThrow(() -> new IOException(jar.getName() + " has no " + ending));
        Files.createDirectories(target.getParent());
        try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Overwrites the symbol table that only debuggers and profilers read (.symtab and the names in .strtab, which no loader touches) with
     * zeros: nothing moves, and 90 of libtorch's 446 MB compress to nothing. Files that are no 64-bit little-endian ELF stay as they are.
     */
    private static void blankSymbols(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() < 64) {
                return;
            }
            ByteBuffer head = read(channel, 0, 64);
            if (head.getInt(0) != 0x464C457F || head.get(4) != 2 || head.get(5) != 1) {
                return;
            }
            int size = head.getShort(58);
            ByteBuffer sections = read(channel, head.getLong(40), size * head.getShort(60));
            for (int at = 0; at < sections.capacity(); at += size) {
                boolean symbols = sections.getInt(at + 4) == 2;
                if (symbols) {
                    zero(channel, sections.getLong(at + 24), sections.getLong(at + 32));
                    int names = sections.getInt(at + 40) * size;
                    zero(channel, sections.getLong(names + 24), sections.getLong(names + 32));
                }
            }
        }
    }

    private static ByteBuffer read(FileChannel channel, long at, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {}
        return buffer.flip();
    }

    private static void zero(FileChannel channel, long at, long size) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate((int) size);
        while (zeros.hasRemaining()) {
            channel.write(zeros, at + zeros.position());
        }
    }

    private static void sums(Path folder) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Path file : filesIn(folder)) {
            lines.append(digest(file)).append("  ").append(name(folder, file)).append('\n');
        }
        Files.writeString(folder.resolve("SHA256SUMS"), lines);
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] part = new byte[1 << 20];
            for (int n = in.read(part); n >= 0; n = in.read(part)) {
                digest.update(part, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pack(Path folder, Instant time, Path target) throws IOException {
        GzipParameters best = new GzipParameters();
        best.setCompressionLevel(9);
        best.setOperatingSystem(255);
        String root = folder.getFileName().toString();
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(target), 1 << 20);
                GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(file, best);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Path one : filesIn(folder)) {
                TarArchiveEntry entry = new TarArchiveEntry(root + "/" + name(folder, one));
                entry.setSize(Files.size(one));
                entry.setModTime(time.toEpochMilli());
                entry.setIds(0, 0);
                entry.setNames("", "");
                entry.setMode(Files.isExecutable(one) ? 0100755 : 0100644);
                tar.putArchiveEntry(entry);
                Files.copy(one, tar);
                tar.closeArchiveEntry();
            }
        }
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted((a, b) -> name(folder, a).compareTo(name(folder, b)))
                    .toList();
        }
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
