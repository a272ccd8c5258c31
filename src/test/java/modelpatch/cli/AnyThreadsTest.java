package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many threads work together is no part of a question: batches follow from the suite and the options alone. */
class AnyThreadsTest {
    @TempDir
    Path folder;

    @Test
    void theSameFindingsByteForByteComeOutOfAnyNumberOfThreads() {
        String alone = find(1);
        assertThat(alone).contains("\"heads\"", "\"failures\"");
        assertThat(find(2)).isEqualTo(alone);
        assertThat(find(3)).isEqualTo(alone);
    }

    /** The whole document but for the times and the name of the file. */
    private String find(int threads) {
        ObjectNode document = (ObjectNode) patch(
                        "find",
                        "--max-cases",
                        120,
                        "--max-mediated",
                        8,
                        "--threads",
                        threads,
                        "--output",
                        folder.resolve("findings-" + threads + ".json"),
                        "--json")
                .succeeded()
                .json();
        document.remove(List.of("seconds", "file"));
        return document.toPrettyString();
    }
}
