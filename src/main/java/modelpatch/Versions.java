package modelpatch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What a report names as having computed it. */
public final class Versions {
    private static final Properties BUILD = read();

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

    /** Name and version of the tensor engine. */
    public static String engine() {
        return BUILD.getProperty("engine");
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
