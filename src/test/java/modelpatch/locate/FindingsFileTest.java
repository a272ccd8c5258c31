package modelpatch.locate;

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

class FindingsFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"format": 1, "model"                                    | the text ends too early
            [1, 2]                                                   | no findings
            {}                                                       | no findings
            {"format": "1", "model": {}, "failures": []}             | no findings
            {"format": 2, "model": {}, "failures": []}               | findings of another format
            {"format": 1, "model": {}, "failures": [{"id": []}]}     | no findings
            {"format": 1, "model": {}, "failures": [], "gap": "big"} | no findings
            """)
    void whatIsNoFindingsIsRefusedWithTheFilesName(String content, String message) throws IOException {
        Path file = folder.resolve("findings.json");
        Files.writeString(file, content);
        assertThatThrownBy(() -> FindingsFile.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(message)
                .hasMessageContaining("findings.json");
    }

    @Test
    void aMissingFileIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> FindingsFile.read(folder.resolve("none.json")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("patch find");
    }

    @Test
    void aMessageNamesTheLineOfABrokenFile() throws IOException {
        Path file = folder.resolve("findings.json");
        Files.writeString(file, "{\n  \"format\": 1,\n  \"model\": oops\n}");
        assertThatThrownBy(() -> FindingsFile.read(file)).hasMessageContaining("findings.json:3");
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    }

    @Test
    void aMessageOfACutOffFileSaysNothingOfTheParsersOwn() throws IOException {
        Path file = Files.writeString(folder.resolve("findings.json"), "{\n  \"format\": 1");
        assertThatThrownBy(() -> FindingsFile.read(file))
                .hasMessageContaining("findings.json:2")
                .hasMessageContaining("the text ends too early")
                .message()
                .doesNotContain("Source", "StreamRead", "Unexpected");
    }
}
