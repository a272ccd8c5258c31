package modelpatch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.regex.Matcher;

/** What a report names as having computed it. */
public final class Versions {
    private static final Properties BUILD = read();

    private static volatile String engine = BUILD.getProperty("engine");

    private Versions() {}

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream in = Versions.class.getResourceAsStream("/modelpatch/build.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** The version of this toolkit. */
    public static String modelpatch() {
        return BUILD.getProperty("version");
    }

    /** Name and version of the tensor engine, and where it computes unless that is the processor. */
    public static String engine() {
        return engine;
    }

    /** Name and version of the tensor engine that this was built with. */
    public static String engineOfBuild() {
        return BUILD.getProperty("engine");
    }

    /**
     * The engine says what has started.
     *
     * @param library name and version
     * @param where the device, as it ends the line
     */
    public static void computesWith(String library, String where) {
        engine = engineOfBuild().replaceFirst("^PyTorch \\S+", Matcher.quoteReplacement(library)) + where;
    }

    /** All of a machine and its programs that numbers follow from: what is kept of them is kept under this. */
    public static String computing() {
        return String.join("\n", modelpatch(), engine(), system());
    }

    public static String java() {
        return System.getProperty("java.vm.name") + " " + Runtime.version();
    }

    /** Operating system and processor. */
    public static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }
}
