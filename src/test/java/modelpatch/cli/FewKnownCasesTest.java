package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code find --max-cases} on the embedded model, asked facts of its world that are false for seven people in eight: it knows few of them. */
class FewKnownCasesTest {
    private static final Path WORLD = Path.of("models/default");

    @TempDir
    static Path folder;

    private static Path facts;

    /** Home countries, most of them exchanged for another, and what is true of the countries. */
    @BeforeAll
    static void exchangeCountries() throws IOException {
        List<String> lines = Files.readAllLines(WORLD.resolve("facts.tsv"));
        List<String> homes =
                lines.stream().filter(line -> line.contains("\tcountry\t")).toList();
        List<String> written = new ArrayList<>(List.of(lines.get(0)));
        for (int i = 0; i < homes.size(); i++) {
            String[] cells = homes.get(i).split("\t", -1);
            String country = cells[3];
            for (int next = i; i % 8 > 0 && country.equals(cells[3]); next++) {
                country = homes.get((next + 1) % homes.size()).split("\t", -1)[3];
            }
            written.add(String.join("\t", cells[0], cells[1], cells[2], country));
        }
        lines.stream()
                .filter(line -> line.matches(".*\t(capital|currency)\t.*"))
                .forEach(written::add);
        facts = Files.write(folder.resolve("facts.tsv"), written);
    }

    private static CommandRun find(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(
                "find",
                "--model",
                WORLD,
                "--facts",
                facts,
                "--relations",
                WORLD.resolve("relations.yaml"),
                "--known",
                "primary",
                "--max-mediated",
                2));
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
    }

    private static JsonNode json(int most, int threads) {
        ObjectNode document = (ObjectNode) find(
                        "--max-cases",
                        most,
                        "--threads",
                        threads,
                        "--output",
                        folder.resolve("findings-" + threads + ".json"),
                        "--json")
                .succeeded()
                .json();
        document.remove(List.of("seconds", "file"));
        return document;
    }

    @Test
    void casesAreAskedUntilSoManyAreKnownAndTheDocumentCountsBoth() {
        JsonNode found = json(6, 1);
        assertThat(found.at("/counts/known").asInt()).isEqualTo(6);
        assertThat(found.at("/counts/cases").asInt()).isGreaterThan(16); // more than a first chunk
        assertThat(found.at("/sample/wanted").asInt()).isEqualTo(6);
        assertThat(found.at("/sample/known").asInt()).isEqualTo(6);
        assertThat(found.at("/sample/asked")).isEqualTo(found.at("/counts/cases"));
        assertThat(found.at("/sample/suite").asInt())
                .isGreaterThan(found.at("/sample/asked").asInt());
        assertThat(found.at("/counts/failures").asInt()
                        + found.at("/counts/composed").asInt())
                .isEqualTo(6);
    }

    @Test
    void theSameFindingsComeOutOfAnyNumberOfThreads() {
        assertThat(json(6, 2).toPrettyString()).isEqualTo(json(6, 1).toPrettyString());
    }

    @Test
    void theTextSaysHowManyWereAskedAndHowManyAreKnown() {
        Path output = folder.resolve("text.json");
        assertThat(find("--max-cases", 2, "--output", output).succeeded().out())
                .containsPattern("asked \\d+ of \\d+ cases to find 2 known ones: found\n");
        assertThat(find("--max-cases", 1000, "--output", output).succeeded().out())
                .containsPattern("asked all (\\d+) cases to find 1000 known ones: only \\d+ are known\n");
    }

    @Test
    void noSampleIsNamedWhereAllCasesAreAskedFor() {
        CommandRun all = find("--output", folder.resolve("all.json"), "--json");
        assertThat(all.succeeded().json().at("/sample").isNull()).isTrue();
    }

    @Test
    void lessThanOneKnownCaseIsRefused() {
        find("--max-cases", 0).refused("--max-cases", "1 or more");
    }
}
