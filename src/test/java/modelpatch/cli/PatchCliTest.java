package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PatchCliTest {
    @Test
    void everyHelpShowsAnExampleAndTheExitCodes() {
        List<CommandLine> commands = new ArrayList<>();
        collect(new PatchCli(Terminal.ofProcess()).commandLine(), commands);
        assertThat(commands).hasSizeGreaterThan(1);
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            assertThat(command.getUsageMessage())
                    .as(name)
                    .contains("Example:\n  patch ")
                    .contains("Exit codes:\n  0")
                    .contains("Usage: " + name)
                    .contains("--help");
        }
    }

    private static void collect(CommandLine command, List<CommandLine> into) {
        into.add(command);
        command.getSubcommands().values().stream()
                .filter(sub -> !(sub.getCommand() instanceof CommandLine.HelpCommand))
                .forEach(sub -> collect(sub, into));
    }

    @Test
    void helpShowsDefaults() {
        assertThat(patch("doctor", "--help").succeeded().out())
                .contains("--seed=N")
                .contains("Default: 1");
    }

    @Test
    void helpOfACommandIsTheSameByEitherWay() {
        assertThat(patch("help", "doctor").out())
                .isEqualTo(patch("doctor", "--help").out())
                .isNotEmpty();
    }

    @Test
    void versionNamesEngineAndJava() {
        assertThat(patch("--version").succeeded().out())
                .containsPattern("modelpatch \\d")
                .contains("PyTorch", "DJL", Runtime.version().toString());
    }

    @Test
    void aMissingCommandIsBadUsage() {
        patch().refused("a command is missing", "patch --help");
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearest() {
        patch("docter").refused("docter", "did you mean", "doctor");
    }

    @Test
    void anUnknownOptionIsBadUsage() {
        patch("doctor", "--jsno").refused("--jsno", "patch doctor --help");
    }

    @Test
    void aWrongValueNamesItsOption() {
        patch("doctor", "--seed", "x").refused("--seed", "'x'");
        patch("doctor", "--max-memory", "much").refused("--max-memory", "much", "4G");
    }

    @Test
    void underJsonAnErrorIsADocumentToo() {
        CommandRun run = patch("doctor", "--json", "--seed", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.json().at("/error/where").asText()).isEqualTo("--seed");
        assertThat(run.json().at("/error/message").asText()).contains("'x'");
    }
}
