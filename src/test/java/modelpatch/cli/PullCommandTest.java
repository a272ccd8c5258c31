package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code pull} says before it asks anybody; PullTest has the rest. */
class PullCommandTest {
    @TempDir
    Path folder;

    @Test
    void aNameThatIsNoneIsRefused() {
        CommandRun run = patch("pull", "tiny", "--hub", "http://127.0.0.1:1");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("ORG/NAME@REVISION");
    }

    @Test
    void anAddressWithoutEncryptionIsRefused() {
        CommandRun run = patch("pull", "org/tiny", "--hub", "http://192.0.2.1", "--out", folder.resolve("m"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("encrypted", "https");
        assertThat(folder.resolve("m")).doesNotExist();
    }

    @Test
    void aModelThatIsNotHereIsPulledByTheCommandThatIsSaid() {
        CommandRun run = patch("logits", "--model", "org/tiny", "--prompt", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("`patch pull org/tiny`");
    }
}
