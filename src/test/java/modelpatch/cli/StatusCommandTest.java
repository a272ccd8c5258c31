package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code status}, and {@code --patch @active} in other commands, on a copy of the example's store. */
class StatusCommandTest {
    private static final Path EXAMPLE = Path.of("patches", "example");
    private static final String ID = "4dffbe654676";
    private static final String PROMPT = "The native language of the author of the Tale of Puldolis is";

    @TempDir
    Path folder;

    private Path store;

    @BeforeEach
    void copy() throws IOException {
        store = Files.createDirectory(folder.resolve("store"));
        try (var files = Files.list(EXAMPLE)) {
            for (Path file : files.toList()) {
                Files.copy(file, store.resolve(file.getFileName()));
            }
        }
    }

    private static CommandRun logits(Object... more) {
        Object[] all = new Object[more.length + 7];
        System.arraycopy(
                new Object[] {"logits", "--prompt", PROMPT, "--last", "--top", 1, "--generate=2"}, 0, all, 0, 7);
        System.arraycopy(more, 0, all, 7, more.length);
        return patch(all);
    }

    @Test
    void itNamesWhatIsOnAndNothingOnceItIsOff() {
        JsonNode on = patch("status", "--patches", store, "--json").succeeded().json();
        assertThat(on.at("/models/0/name").asText()).isEqualTo("default");
        assertThat(on.at("/models/0/patches/0/id").asText()).startsWith(ID);
        assertThat(on.at("/models/0/patches/0/stale").asBoolean()).isFalse();
        assertThat(patch("status", "--patches", store).succeeded().out()).contains("on default", ID, "head ");
        patch("revert", ID, "--patches", store).succeeded();
        assertThat(patch("status", "--patches", store).succeeded().out()).contains("no patch is on");
    }

    @Test
    void activeIsTheStackOfTheLedgerAndTheOutputNamesIt() throws IOException {
        Path file = EXAMPLE.resolve("spread-restoring-" + ID + ".patch.safetensors");
        CommandRun named = logits("--patch", file).succeeded();
        CommandRun active = logits("--patch", "@active=" + store).succeeded();
        assertThat(active.out()).isEqualTo(named.out()).startsWith("with patch " + ID);
        JsonNode document =
                logits("--patch", "@active=" + store, "--json").succeeded().json();
        assertThat(document.at("/stack/0").asText()).startsWith(ID);
        assertThat(document.at("/positions")).isNotEmpty();
        assertThat(logits("--json").succeeded().json().has("stack")).isFalse();
        patch("revert", ID, "--patches", store).succeeded();
        CommandRun off = logits("--patch", "@active=" + store).succeeded();
        assertThat(off.out()).isEqualTo(logits().succeeded().out());
        assertThat(off.err()).contains("no patch is on default");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        CommandRun run = logits("--patch", "@active=" + folder.resolve("none"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("nothing says which patches are on", "none");
    }

    @Test
    void theFolderIsThatOfThePatchesOptionWhereACommandHasOne() {
        assertThat(patch("guard", "drift", "--patch", "@active", "--patches", store, "--json")
                        .json()
                        .at("/stack/0")
                        .asText())
                .startsWith(ID);
    }
}
