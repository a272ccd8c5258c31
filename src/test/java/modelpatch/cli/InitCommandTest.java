package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

class InitCommandTest {
    @TempDir
    Path folder;

    private Path project() {
        Path project = folder.resolve("mine");
        patch("init", project, "--model", "models/m").succeeded();
        return project;
    }

    @Test
    void itsFactsComposeWithItsSentences() {
        Path project = project();
        assertThat(patch(
                                "cases",
                                "compose",
                                "--facts",
                                project.resolve("facts.tsv"),
                                "--relations",
                                project.resolve("relations.yaml"),
                                "--json")
                        .succeeded()
                        .out())
                .contains("The capital of the country of citizenship of");
    }

    @Test
    void everyCommandOfItsReadmeAndBuildsIsUnderstood() throws IOException {
        Path project = project();
        List<String> commands = new ArrayList<>();
        for (String file : List.of("README.md", ".github/workflows/guard.yml", ".gitlab-ci.yml")) {
            try (Stream<String> lines = Files.lines(project.resolve(file))) {
                lines.map(line -> line.replaceFirst("^ *(- |run: )?", ""))
                        .filter(line -> line.startsWith("patch "))
                        .forEach(commands::add);
            }
        }
        assertThat(commands).hasSize(10);
        for (String command : commands) {
            List<String> words = CommandRun.words(command);
            new PatchCli(CommandRun.terminal())
                    .commandLine()
                    .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
        }
    }

    @Test
    void itsBuildsAreYamlAndNameTheModel() throws IOException {
        Path project = project();
        for (String file : List.of(".github/workflows/guard.yml", ".gitlab-ci.yml", "configs/find.yaml")) {
            Map<String, Object> document = new Yaml().load(Files.readString(project.resolve(file)));
            assertThat(document.toString()).as(file).contains("models/m").doesNotContain("@MODEL@");
        }
    }

    @Test
    void nothingThatIsThereIsWrittenOver() throws IOException {
        Path facts = Files.writeString(folder.resolve("facts.tsv"), "mine");
        CommandRun run = patch("init", folder);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("there is a project already");
        assertThat(facts).hasContent("mine");
        assertThat(folder.resolve("README.md")).doesNotExist();
    }

    @Test
    void ownFactsAreTakenAndUnknownRelationsDrafted() throws IOException {
        Path facts = Files.writeString(
                folder.resolve("own.tsv"), "subject\trelation\trelation_label\tobject\nA\tmaker\tmaker\tB\n");
        CommandRun run = patch("init", folder.resolve("p"), "--facts", facts).succeeded();
        assertThat(run.out()).contains("drafts to make better", "maker");
        assertThat(folder.resolve("p/facts.tsv")).hasSameBinaryContentAs(facts);
    }

    @Test
    void aModelThatABuildFileCannotHoldIsRefused() {
        assertThat(patch("init", folder.resolve("p"), "--model", "m; rm").exitCode())
                .isEqualTo(2);
    }
}
