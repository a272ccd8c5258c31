package modelpatch.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFileTest {
    enum Colour {
        RED,
        GREEN
    }

    record Part(String name, int count, double weight, boolean spare, Colour colour, List<Integer> sizes) {
        Part {
            if (count < 0) {
                throw new IllegalArgumentException("count must not be negative, but is " + count);
            }
        }
    }

    record Whole(String title, List<Part> parts) {}

    @TempDir
    Path folder;

    private static final String YAML = """
            title: a box
            parts:
              - name: lid
                count: 1
                weight: 0.5
                spare: true
                colour: RED
                sizes: [3, 4]
            """;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void whatIsWrittenReadsBack() throws IOException {
        Whole whole = new Whole("a box", List.of(new Part("lid", 1, 0.5, true, Colour.RED, List.of(3, 4))));
        assertThat(RecordFile.read(file("a.yaml", YAML), Whole.class)).isEqualTo(whole);
        assertThat(RecordFile.read(file("b.yaml", RecordFile.yaml(whole)), Whole.class))
                .isEqualTo(whole);
        assertThat(RecordFile.read(Files.write(folder.resolve("c.json"), RecordFile.json(whole)), Whole.class))
                .isEqualTo(whole);
        assertThat(RecordFile.read(Files.write(folder.resolve("d.json"), RecordFile.lines(whole)), Whole.class))
                .isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "count: 1|count: one|4:12: wrong value of 'parts[0].count': expected a whole number, found 'one'",
                "count: 1|count: 1.5|4:12: wrong value of 'parts[0].count': expected a whole number, found '1.5'",
                "count: 1|count: -1|3:5: parts[0]: count must not be negative, but is -1",
                "weight: 0.5|weight: [1]|5:13: wrong value of 'parts[0].weight': expected a number, found a list",
                "spare: true|spare: maybe|6:12: wrong value of 'parts[0].spare': expected true or false, found 'maybe'",
                "colour: RED|colour: PINK|7:13: wrong value of 'parts[0].colour': expected one of [RED, GREEN], found 'PINK'",
                "sizes: [3, 4]|sizes: 3|8:12: wrong value of 'parts[0].sizes': expected a list, found '3'",
                "    count: 1~||3:5: missing key: expected a value for 'parts[0].count', found none",
                "title: a box|title: {b: c}|1:8: wrong value of 'title': expected text, found a mapping",
                "title: a box|tilte: a box|1:8: unknown key in the file: expected only parts, title, found 'tilte'",
                "title: a box|title: a box~title: b|2:1: key given twice: expected every key once, found 'title' again",
                "[3, 4]|[3, 4|8:17: malformed YAML at"
            })
    void whatDoesNotFitIsNamedByItsPlaceInWordsOfOurs(String was, String is, String message) throws IOException {
        Path file = file("a.yaml", YAML.replace(was.replace('~', '\n'), is == null ? "" : is.replace('~', '\n')));
        assertThatThrownBy(() -> RecordFile.read(file, Whole.class))
                .isInstanceOf(BadInput.class)
                .hasMessageStartingWith(file + ":" + message)
                .hasMessageNotContainingAny("Jackson", "deserialize", "java.", "token");
    }

    @Test
    void allUnknownKeysAreNamedAtOnce() throws IOException {
        Path file = file("a.yaml", YAML.replace("    count: 1\n", "    count: 1\n    height: 3\n    width: 4\n"));
        assertThatThrownBy(() -> RecordFile.read(file, Whole.class))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(file + ":5:13: unknown keys in 'parts[0]'")
                .hasMessageContaining("found 'height', 'width' at " + file + ":6:12");
    }

    @Test
    void anEmptyFileAndAnotherKindOfDocumentAreRefused() throws IOException {
        assertThatThrownBy(() -> RecordFile.read(file("a.yaml", ""), Whole.class))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("a.yaml");
        assertThatThrownBy(() -> RecordFile.read(file("b.yaml", "- a\n"), Whole.class))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("wrong kind of document: expected a mapping, found a list");
    }

    @Test
    void aRecordOfALaterVersionIsReadWithoutWhatItAdds() {
        record Score(OptionalDouble value) {}
        JsonNode tree = Json.parse("{\"value\": null, \"added\": 3}", "a");
        assertThat(ReportJson.read(tree, Score.class, "score", "a", "write it again"))
                .isEqualTo(new Score(OptionalDouble.empty()));
        assertThat(ReportJson.line(new Score(OptionalDouble.of(Double.NaN)))).isEqualTo("{\"value\":null}");
        assertThatThrownBy(() -> ReportJson.read(
                        Json.parse("{\"value\": []}", "a"), Score.class, "score", "a", "write it again"))
                .isInstanceOf(BadInput.class)
                .hasMessage("a: no score: expected JSON as modelpatch writes it, found a value of another kind at"
                        + " 'value'; write it again");
    }
}
