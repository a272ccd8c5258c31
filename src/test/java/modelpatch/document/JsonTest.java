package modelpatch.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\": 1 \"b\": 2} | malformed JSON at '{\"a\": 1 \"b\": 2}'; correct it there",
                "{\"a\": 1          | malformed JSON: the text ends too early; close what is open",
                "{\"a\": 1, \"a\": 2} | key given twice: expected every key once, found 'a' again",
                "{} {}             | malformed JSON",
                "[nul]             | malformed JSON",
                "[NaN]             | malformed JSON",
                "['a']             | malformed JSON",
                "[01]              | malformed JSON"
            })
    void malformedTextIsNamedByPlaceInWordsOfOurs(String text, String message) {
        assertThatThrownBy(() -> Json.parse(text, "x"))
                .isInstanceOf(BadInput.class)
                .hasMessageStartingWith("x:1:")
                .hasMessageContaining(message)
                .hasMessageNotContainingAny("Unexpected", "Unrecognized", "JsonParser", "StreamReadFeature");
    }

    @Test
    void whatIsNestedWithoutEndIsRefusedAndNotFollowed() {
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000), "x"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("more than is read");
    }

    @Test
    void aTreeOnOneLineReadsBack() {
        var tree = Json.object()
                .put("a", 0.1)
                .set("b", Json.array().add("\u00e4\n\"").add(3));
        assertThat(Json.line(tree)).isEqualTo("{\"a\":0.1,\"b\":[\"\u00e4\\n\\\"\",3]}");
        assertThat(Json.parse(Json.line(tree), "x")).isEqualTo(tree);
        assertThat(Json.line("it's \"b\"")).isEqualTo("\"it's \\\"b\\\"\"");
    }

    @Test
    void aFileHasToHoldAnObject(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "[]");
        assertThatThrownBy(() -> Json.object(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("expected an object { .. }, found array");
        Files.writeString(file, "");
        assertThatThrownBy(() -> Json.object(file)).hasMessageContaining("found an empty file");
        assertThatThrownBy(() -> Json.object(folder.resolve("b.json")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("b.json");
    }
}
