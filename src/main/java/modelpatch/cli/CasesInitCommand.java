package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.FactTable;
import modelpatch.cases.InitDocument;
import modelpatch.cases.RelationDraft;
import modelpatch.cases.Relations;
import modelpatch.checkpoint.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code patch cases init}: a file of relations to begin with. */
@Command(
        name = "init",
        header = "Begins the file that says your own facts in English.",
        description =
                "Relations that this project has sentences for get them, the others drafts made of their labels, to be made better.",
        footer = "  patch cases init --facts facts.tsv")
final class CasesInitCommand extends Subcommand {
    @Option(
            names = "--facts",
            paramLabel = "FILE",
            required = true,
            description =
                    "facts as TSV with the columns subject, relation, relation_label, object and optionally aliases")
    Path facts;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description =
                    "the file to begin; one that is there is left alone (default: relations.yaml beside the facts)")
    Path output;

    CasesInitCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        Path file = output == null ? facts.resolveSibling(CaseOptions.RELATIONS) : output;
        if (Files.exists(file)) {
            throw new BadInput(
                    "a file of relations is there",
                    file.toString(),
                    "a file that is not there yet",
                    "a file",
                    "edit it, or name another by --output");
        }
        Relations known = Relations.read(Installation.here().relations());
        RelationDraft.Drafted drafted = RelationDraft.of(FactTable.read(facts), known);
        AtomicFile.write(file, out -> out.write(drafted.yaml().getBytes(StandardCharsets.UTF_8)));
        Hint compose = Hint.of("cases", "compose").with("--facts", facts);
        return Answer.of(
                        new InitDocument(file.toString(), drafted.known(), drafted.drafts()),
                        () -> drafted.known().size() + " relations with their sentences, "
                                + drafted.drafts().size() + " drafts to make better: "
                                + String.join(", ", drafted.drafts()) + "\nwritten: " + file)
                .next(output == null ? compose : compose.with("--relations", output));
    }
}
