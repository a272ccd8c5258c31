package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfWrittenTest {
    private static final int[] PREFIX = {3, 1, 4};
    private static LanguageModel model;

    @TempDir
    Path directory;

    @BeforeAll
    static void openModel() {
        model = LanguageModel.open(Path.of("src/test/resources/conformance/llama"), LoadOptions.defaults());
    }

    @AfterAll
    static void closeModel() {
        model.close();
    }

    private List<int[]> passages(String digest, int[] prefix) {
        return new SelfWritten(model, digest, prefix, directory).passages();
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList().get(0);
        }
    }

    @Test
    void everyPassageIsWhatTheModelSaysAfterItsFirstToken() {
        List<int[]> passages = passages("digest", PREFIX);
        assertThat(passages).hasSize(128);
        for (int[] passage : passages.subList(0, 5)) {
            int[] first = {passage[0]};
            int[] said =
                    model.generate(PREFIX, List.of(first), 31, soFar -> false).get(0);
            assertThat(java.util.Arrays.copyOfRange(passage, 1, 32)).isEqualTo(said);
        }
    }

    @Test
    void whatIsKeptIsReadAgainAndWhatIsDamagedIsWrittenAnew() throws IOException {
        List<int[]> written = passages("digest", PREFIX);
        Path file = only();
        long time = Files.getLastModifiedTime(file).toMillis();
        assertThat(passages("digest", PREFIX)).containsExactly(written.toArray(int[][]::new));
        assertThat(Files.getLastModifiedTime(file).toMillis()).isEqualTo(time);
        String whole = Files.readString(file);
        for (String damaged : List.of("", "\n", whole.replaceFirst("1", "2"), whole.substring(0, whole.length() / 2))) {
            Files.writeString(file, damaged);
            assertThat(passages("digest", PREFIX)).containsExactly(written.toArray(int[][]::new));
            assertThat(file).hasContent(whole);
        }
    }

    @Test
    void anotherModelOrPrefixHasPassagesOfItsOwn() throws IOException {
        passages("digest", PREFIX);
        passages("another", PREFIX);
        passages("digest", new int[] {3});
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).hasSize(3);
        }
    }
}
