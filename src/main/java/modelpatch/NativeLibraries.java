package modelpatch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Where the engines find their native libraries. A release brings them unpacked in {@code natives/}, so that it needs no place that it may
 * write to. Elsewhere the tensor engine unpacks them from its jars, once, under a temporary name that is then moved: into {@code .djl.ai} of the
 * user's home or, where there is no home, into an {@link OwnFolder}. Left alone, it would take a fixed name in the folder for temporary
 * files, where anybody may have put libraries before.
 *
 * <p>A user may name a folder with another PyTorch, such as a Python wheel's for CUDA, in {@code PYTORCH_LIBRARY_PATH}. Without a word about its
 * kind DJL would look for glue that exists nowhere; and it asks CUDA's runtime for GPUs and their memory, which lies where only the wheel's own
 * libraries look.
 */
public final class NativeLibraries {
    private static final String ENGINE_FOLDER = "ENGINE_CACHE_DIR";
    private static final String OTHER_ENGINE_FOLDER = "DJL_CACHE_DIR";
    private static final String TORCH = "PYTORCH_LIBRARY_PATH";
    private static final String FLAVOR = "PYTORCH_FLAVOR";

    /** The only glue between Java and a PyTorch for CUDA that DJL's jars hold. */
    private static final String CUDA_FLAVOR = "cu128";

    private static boolean located;

    private NativeLibraries() {}

    /** Says to the engines where to look; to be called before the first of them starts, any number of times. */
    public static synchronized void locate() {
        if (!located) {
            settings(Installation.here().home().resolve("natives"), NativeLibraries::said)
                    .forEach(System::setProperty);
            located = true;
        }
    }

    private static String said(String name) {
        String variable = System.getenv(name);
        return variable != null ? variable : System.getProperty(name);
    }

    /**
     * What is to be said to them beyond what the user says.
     *
     * @param natives may be missing
     * @param said what an environment variable or a system property of a name says; null where neither does
     * @return system properties
     */
    static Map<String, String> settings(Path natives, UnaryOperator<String> said) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (Files.isDirectory(natives)) {
            Path folder = natives.toAbsolutePath();
            settings.put(ENGINE_FOLDER, folder.toString());
            settings.put(
                    "onnxruntime.native.path", folder.resolve("onnxruntime").toString());
            settings.put("jna.boot.library.path", folder.resolve("jna").toString());
            settings.put("library.jline.path", folder.resolve("jline").toString());
        } else if (!OwnFolder.homeStands() && said.apply(OTHER_ENGINE_FOLDER) == null) {
            settings.put(ENGINE_FOLDER, OwnFolder.forTemporaryFiles().toString());
        }
        if (said.apply(TORCH) != null) {
            Path torch = Path.of(said.apply(TORCH));
            boolean cuda = Files.exists(torch.resolve(System.mapLibraryName("torch_cuda")));
            settings.put(FLAVOR, cuda ? CUDA_FLAVOR : "cpu");
            if (cuda) {
                cudaRuntime(torch).ifPresent(folder -> settings.put("jna.library.path", folder.toString()));
            }
        }
        settings.keySet().removeIf(name -> said.apply(name) != null);
        return settings;
    }

    /** Beside libtorch, or where wheels put it: nvidia/cuda_runtime/lib for CUDA 12, nvidia/cu13/lib for CUDA 13, beside the folder torch. */
    private static Optional<Path> cudaRuntime(Path torch) {
        Path wheels = torch.toAbsolutePath().normalize().resolve("../../nvidia").normalize();
        return Stream.concat(Stream.of(torch), below(wheels).sorted().map(wheel -> wheel.resolve("lib")))
                .filter(folder -> below(folder)
                        .anyMatch(file -> file.getFileName().toString().startsWith("libcudart.so")))
                .findFirst();
    }

    private static Stream<Path> below(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw BadInput.reading(folder, e);
        }
    }
}
