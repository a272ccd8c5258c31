package modelpatch.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.FactTable;
import modelpatch.cases.RelationDraft;
import modelpatch.cases.Relations;
import modelpatch.checkpoint.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch init}: a project of one's own, from facts to a guarded build. */
@Command(
        name = "init",
        header =
                "Begins a project of your own: facts, sentences, configurations, and builds for GitHub and GitLab that run the guard.",
        description = "Nothing that is there is written over. The project's README.md says what to do next.",
        footer = "  patch init capitals --model models/m")
final class InitCommand extends Subcommand {
    /** Where the files of the template go; every other is written by what it is made from. */
    private static final Map<String, String> TEMPLATE = new LinkedHashMap<>();

    static {
        TEMPLATE.put("facts.tsv", "facts.tsv");
        TEMPLATE.put("find.yaml", "configs/find.yaml");
        TEMPLATE.put("README.md", "README.md");
        TEMPLATE.put("gitignore", ".gitignore");
        TEMPLATE.put("github.yml", ".github/workflows/guard.yml");
        TEMPLATE.put("gitlab.yml", ".gitlab-ci.yml");
    }

    @Parameters(paramLabel = "DIR", description = "the project's folder")
    Path folder;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = ModelOptions.EMBEDDED,
            description = "the model that the project is about, as its commands will name it")
    String model;

    @Option(
            names = "--facts",
            paramLabel = "FILE",
            description = "facts to begin with, copied (default: a few of books and their authors)")
    Path facts;

    InitCommand(Terminal terminal) {
        super(terminal);
    }

    /** What was written. */
    record ProjectDocument(String folder, List<String> files, List<String> drafts) {}

    @Override
    Answer answer() throws IOException {
        if (!model.matches("[\\w./@+-]+")) {
            throw new BadInput(
                    "a name that build files cannot hold", "--model", "letters, digits and ./@_+-", model, "rename it");
        }
        Map<Path, byte[]> files = new LinkedHashMap<>();
        for (Map.Entry<String, String> file : TEMPLATE.entrySet()) {
            byte[] text = template(file.getKey()).replace("@MODEL@", model).getBytes(StandardCharsets.UTF_8);
            files.put(folder.resolve(file.getValue()), text);
        }
        files.put(
                folder.resolve("configs/policy.yaml"),
                Files.readAllBytes(Installation.here().policy()));
        if (facts != null) {
            files.put(folder.resolve("facts.tsv"), Files.readAllBytes(facts));
        }
        Path sentences = folder.resolve(CaseOptions.RELATIONS);
        for (Path file : files.keySet()) {
            requireAbsent(file);
        }
        requireAbsent(sentences);
        files.forEach((file, text) -> AtomicFile.write(file, out -> out.write(text)));
        RelationDraft.Drafted drafted = RelationDraft.of(
                FactTable.read(folder.resolve("facts.tsv")),
                Relations.read(Installation.here().relations()));
        files.put(sentences, drafted.yaml().getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(sentences, out -> out.write(files.get(sentences)));
        List<String> written = files.keySet().stream()
                .map(file -> folder.relativize(file).toString())
                .sorted()
                .toList();
        String drafts = drafted.drafts().isEmpty()
                ? ""
                : "\ndrafts to make better in " + sentences + ": " + String.join(", ", drafted.drafts());
        return Answer.of(
                        new ProjectDocument(folder.toString(), written, drafted.drafts()),
                        () -> String.join("\n", written) + drafts + "\nwritten: " + folder
                                + "; its README.md says how to go on")
                .next(Hint.of("cases", "compose")
                        .with("--facts", folder.resolve("facts.tsv"))
                        .with("--relations", sentences));
    }

    private static String template(String name) throws IOException {
        try (InputStream in = InitCommand.class.getResourceAsStream("/modelpatch/project/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void requireAbsent(Path file) {
        if (Files.exists(file)) {
            throw new BadInput(
                    "there is a project already", file.toString(), "a new folder", "a file", "name another folder");
        }
    }
}
