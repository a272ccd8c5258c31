package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {
    @TempDir
    Path folder;

    /** What bash offers after these words, the last of them begun. */
    private String offered(String... words) throws IOException, InterruptedException {
        Path script = folder.resolve("patch.bash");
        Files.writeString(script, patch("completion", "bash").succeeded().out());
        String typed = String.join(" ", words);
        String program = "source " + script + "; COMP_WORDS=(" + typed + "); COMP_CWORD=" + (words.length - 1)
                + "; COMP_LINE='" + typed + "'; COMP_POINT=" + typed.length()
                + "; _complete_patch; printf '%s\\n' \"${COMPREPLY[@]}\"";
        Process bash = new ProcessBuilder("bash", "-c", program)
                .redirectErrorStream(true)
                .start();
        String text = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(text).isZero();
        return text;
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void bashOffersCommandsAndTheirOptions() throws IOException, InterruptedException {
        assertThat(offered("patch", "comp").lines()).contains("compare", "completion");
        assertThat(offered("patch", "guard", "b").lines()).contains("bisect");
        assertThat(offered("patch", "status", "--pat").lines()).contains("--patches");
    }

    @Test
    void fishIsToldOfEveryCommand() {
        String script = patch("completion", "fish").succeeded().out();
        new PatchCli(CommandRun.terminal())
                .commandLine()
                .getSubcommands()
                .keySet()
                .forEach(name -> assertThat(script).contains("-a " + name + " "));
        assertThat(script.lines()).allSatisfy(line -> assertThat(line).startsWith("complete -c patch "));
        assertThat(script).contains("__fish_seen_subcommand_from guard; and __fish_seen_subcommand_from run' -l suite");
    }

    @Test
    void anotherShellIsRefused() {
        assertThat(patch("completion", "csh").exitCode()).isEqualTo(2);
    }
}
