package modelpatch.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The module's pom.xml is nobody's child, so that the library can be published alone; what it says again it says alike. */
class BuildTest {
    private static final Path CHECKOUT = Path.of(System.getProperty("modelpatch.home"));
    private static final Pattern VALUE = Pattern.compile("<([\\w.]+)>([^<]+)</\\1>");

    private static Map<String, String> properties(Path pom) throws IOException {
        String text = Files.readString(CHECKOUT.resolve(pom));
        String own = text.substring(text.indexOf("<properties>"), text.indexOf("</properties>"));
        Map<String, String> found = new TreeMap<>();
        for (Matcher one = VALUE.matcher(own); one.find(); ) {
            found.put(one.group(1), one.group(2));
        }
        found.put("version of the project", text.replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1"));
        return found;
    }

    @Test
    void versionsAreThoseOfTheLibrary() throws IOException {
        Map<String, String> library = properties(Path.of("pom.xml"));
        Map<String, String> module = properties(Path.of("spark", "pom.xml"));
        module.remove("spark.version");
        assertThat(module).hasSizeGreaterThan(6);
        assertThat(library).containsAllEntriesOf(module);
    }
}
