package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.engine.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asking for a cluster where none can be had; the Spark module tests what happens where one can. */
class ClusterOptionsTest {
    @TempDir
    Path folder;

    private CommandRun find(Object... options) {
        Object[] arguments = new Object[options.length + 5];
        System.arraycopy(
                new Object[] {"find", "--max-cases", 20, "--output", folder.resolve("f.json")}, 0, arguments, 0, 5);
        System.arraycopy(options, 0, arguments, 5, options.length);
        return patch(arguments);
    }

    @Test
    void aClusterComputesOnProcessors() {
        FindCommand command = new FindCommand(CommandRun.terminal());
        command.common = new CommonOptions();
        command.common.device = Device.of("gpu");
        ClusterOptions options = new ClusterOptions();
        options.cluster = "local[2]";
        assertThatThrownBy(() -> options.crew(0, command))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("--cluster local[2]")
                .hasMessageContaining("--device gpu:0");
    }

    @Test
    void withoutTheModuleOnTheClassPathItIsSaidWhatToAdd() {
        CommandRun run = find("--cluster", "local[2]");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("error: --cluster local[2]: no cluster can be used here", "modelpatch-spark", "./patch");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void settingsThatCannotBeReadAreNamed() throws IOException {
        Path absent = folder.resolve("absent.conf");
        assertThat(find("--cluster", "local[2]", "--cluster-conf", absent).err())
                .contains("error: " + absent + ": cannot be read");
        Path broken = Files.writeString(folder.resolve("broken.conf"), "spark.a \\u12");
        CommandRun run = find("--cluster", "local[2]", "--cluster-conf", broken);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no settings", broken.toString());
    }

    @Test
    void settingsWithoutAClusterAreRefused() {
        CommandRun run = find("--cluster-conf", folder.resolve("x.conf"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--cluster-conf", "--cluster MASTER");
    }
}
