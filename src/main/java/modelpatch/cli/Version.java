package modelpatch.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What this build is, from the properties that Maven fills in. */
final class Version implements IVersionProvider {
    private static final Properties BUILD = read();

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/modelpatch/build.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** The version of modelpatch, for reports. */
    static String modelpatch() {
        return BUILD.getProperty("version");
    }

    /** Name and version of the tensor engine. */
    static String engine() {
        return BUILD.getProperty("engine");
    }

    static String java() {
        return System.getProperty("java.vm.name") + " " + Runtime.version();
    }

    static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"modelpatch " + modelpatch(), engine(), java(), system()};
    }
}
