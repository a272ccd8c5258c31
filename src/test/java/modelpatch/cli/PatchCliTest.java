package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.locate.Diagnosis;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

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

    @Test
    void everyCommandIsReachedAndStandsInTheReadme() throws IOException {
        List<CommandLine> commands = new ArrayList<>();
        collect(new PatchCli(Terminal.ofProcess()).commandLine(), commands);
        Set<String> reached = commands.stream()
                .map(command -> command.getCommand().getClass().getSimpleName())
                .collect(Collectors.toSet());
        Set<String> written = new ClassFileImporter()
                .importPackages("modelpatch.cli").stream()
                        .filter(type -> type.isAssignableTo(Subcommand.class)
                                && type.getPackageName().endsWith(".cli"))
                        .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                        .map(JavaClass::getSimpleName)
                        .collect(Collectors.toSet());
        written.removeAll(reached);
        assertThat(written).as("commands that PatchCli.commandLine() lacks").isEmpty();
        String readme = Files.readString(Path.of("README.md"));
        assertThat(commands.get(0).getSubcommands().keySet())
                .filteredOn(name -> !name.equals("help") && !readme.contains("`patch " + name))
                .as("commands that README's table lacks")
                .isEmpty();
    }

    @Test
    void aDiagnosisNamesOnlyRemediesThatACommandOffers() {
        for (Diagnosis diagnosis : Diagnosis.values()) {
            assertThat(diagnosis.remedies()).as(diagnosis.words()).isNotEmpty().allSatisfy(remedy -> {
                assertThat(remedy).contains(": patch ");
                String command = remedy.substring(remedy.lastIndexOf(": patch ") + ": patch ".length());
                // unknown commands, options and values end in an exception
                ParseResult parsed = new PatchCli(Terminal.ofProcess())
                        .commandLine()
                        .parseArgs(command.split(" "))
                        .subcommand();
                if (parsed.commandSpec().userObject() instanceof ApplyCommand apply) {
                    apply.edit.wishes();
                }
            });
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
        patch("doctor", "--device", "gpu1").refused("--device", "'gpu1' is not cpu, gpu or gpu:N");
    }

    @Test
    void underJsonAnErrorIsADocumentToo() {
        CommandRun run = patch("doctor", "--json", "--seed", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.json().at("/error/where").asText()).isEqualTo("--seed");
        assertThat(run.json().at("/error/message").asText()).contains("'x'");
    }
}
