package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the compiler's own check of comments leaves out: every type has one, and the page that says where to begin leads somewhere. */
class DocumentationTest {
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Pattern TYPE =
            Pattern.compile("(?:public |final |sealed |non-sealed |abstract |@)*(?:class|record|interface|enum) .*");
    private static final Pattern LINK = Pattern.compile("\\{@link ([\\w.]+)}");

    @Test
    void everyTypeSaysWhatItIs() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java")))
                    .filteredOn(file -> !file.endsWith("package-info.java"))
                    .allSatisfy(file -> assertThat(lineBeforeTheType(file))
                            .as("the end of the comment of %s", file)
                            .endsWith("*/"));
        }
    }

    /** Annotations, of several lines too, stand between a comment and its type. */
    private static String lineBeforeTheType(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        int type = 0;
        while (!TYPE.matcher(lines.get(type)).matches()) {
            type++;
        }
        int annotation = type;
        while (!lines.get(annotation).isEmpty() && !lines.get(annotation).endsWith("*/")) {
            annotation--;
        }
        return lines.get(annotation);
    }

    @Test
    void whatTheOverviewLinksToIsThereAndPublic() throws Exception {
        String overview = Files.readString(Path.of("src", "main", "javadoc", "overview.html"));
        Matcher links = LINK.matcher(overview);
        int found = 0;
        while (links.find()) {
            found++;
            String name = links.group(1);
            Path source = SOURCES.resolve(name.replace('.', '/'));
            if (!Files.isDirectory(source)) {
                assertThat(Class.forName(name)).isPublic();
            }
        }
        assertThat(found).isGreaterThan(20);
    }

    @Test
    void theReadmeSaysWhatEveryPackageIsFor() throws IOException {
        List<String> packages;
        try (Stream<Path> files = Files.walk(SOURCES.resolve("modelpatch"))) {
            packages = files.filter(file -> file.endsWith("package-info.java"))
                    .map(file -> SOURCES.resolve("modelpatch").relativize(file.getParent()))
                    .map(folder -> folder.toString().replace(File.separatorChar, '.'))
                    .filter(name -> !name.isEmpty())
                    .toList();
        }
        String readme = Files.readString(Path.of("README.md"));
        String table = readme.substring(readme.indexOf("| package |"), readme.indexOf("## What is measured"));
        assertThat(first(table, "\\| `([\\w.]+)` \\|")).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void everyDecisionHasANumberOfItsOwn() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("docs", "decisions"))) {
            List<Path> decisions = files.sorted().toList();
            for (int i = 0; i < decisions.size(); i++) {
                String number = Numbers.format("%03d", i + 1);
                assertThat(decisions.get(i).getFileName().toString()).startsWith(number + "-");
                assertThat(Files.readString(decisions.get(i))).startsWith("# " + number + ": ");
            }
        }
    }

    @Test
    void contributorsAreLedToEveryGuideAndEveryGuideIsThere() throws IOException {
        Path guides = Path.of("docs", "howto");
        try (Stream<Path> files = Files.list(guides)) {
            assertThat(first(Files.readString(Path.of("CONTRIBUTING.md")), "docs/howto/(\\w+\\.md)"))
                    .containsExactlyInAnyOrderElementsOf(
                            files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static List<String> first(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
