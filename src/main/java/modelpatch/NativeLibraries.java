package modelpatch;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the engines find their native libraries. A release brings them unpacked in {@code natives/}, so that it needs no place that it may
 * write to. Elsewhere the tensor engine unpacks them from its jars, once, under a temporary name that is then moved: into {@code .djl.ai} of the
 * user's home or, where there is no home, into an {@link OwnFolder}. Left alone, it would take a fixed name in the folder for temporary
 * files, where anybody may have put libraries before.
 */
public final class NativeLibraries {
    private static final String ENGINE_FOLDER = "ENGINE_CACHE_DIR";
    private static final String OTHER_ENGINE_FOLDER = "DJL_CACHE_DIR";

    private static boolean located;

    private NativeLibraries() {}

    /** Says to the engines where to look; to be called before the first of them starts, any number of times. */
    public static synchronized void locate() {
        if (!located) {
            locate(Installation.here().home().resolve("natives"));
            located = true;
        }
    }

    private static void locate(Path natives) {
        if (Files.isDirectory(natives)) {
            Path folder = natives.toAbsolutePath();
            setUnlessGiven(ENGINE_FOLDER, folder);
            setUnlessGiven("onnxruntime.native.path", folder.resolve("onnxruntime"));
            setUnlessGiven("jna.boot.library.path", folder.resolve("jna"));
            setUnlessGiven("library.jline.path", folder.resolve("jline"));
        } else if (!OwnFolder.homeStands() && System.getenv(ENGINE_FOLDER) == null && !given(OTHER_ENGINE_FOLDER)) {
            setUnlessGiven(ENGINE_FOLDER, OwnFolder.forTemporaryFiles());
        }
    }

    private static boolean given(String name) {
        return System.getenv(name) != null || System.getProperty(name) != null;
    }

    private static void setUnlessGiven(String property, Path folder) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, folder.toString());
        }
    }
}
