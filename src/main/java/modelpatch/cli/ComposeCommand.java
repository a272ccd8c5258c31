package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.ComposeDocument;
import modelpatch.cases.SuiteFile;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.report.SuiteView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch cases compose}: from facts to a suite of questions, with what was refused and why. */
@Command(
        name = "compose",
        header = "Composes questions from facts, and counts what was refused.",
        description = "Needs no model. The suite can be written, edited, and given to other commands by --suite.",
        footer = "  patch cases compose --facts facts.tsv --output suite.jsonl")
final class ComposeCommand extends Subcommand {
    @Mixin
    CaseOptions cases;

    @Option(names = "--output", paramLabel = "FILE", description = "write the suite as JSON Lines")
    Path output;

    @Option(
            names = "--cap",
            paramLabel = "SHARE",
            description = "keep only cases such that no answer has more than this share of them (default: keep all)",
            showDefaultValue = Visibility.NEVER)
    Double cap;

    ComposeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        if (cap != null && !(cap > 0 && cap <= 1)) {
            throw new BadInput("no share", "--cap", "a number above 0, at most 1", String.valueOf(cap), "0.1 is usual");
        }
        CaseSuite all = cases.sampled(cases.suite(common.seed), common.seed);
        CaseSuite suite = cap == null ? all : all.capped(cap, common.seed);
        if (output != null) {
            write(suite);
        }
        ComposeDocument document = ComposeDocument.of(suite, common.seed, output == null ? null : output.toString());
        String written = output == null ? "\n\n--output FILE writes the suite" : "\n\nwritten: " + output;
        Answer answer = Answer.of(document, () -> SuiteView.text(document) + written);
        return answer.next(
                output == null ? Hint.after(spec, "eval") : Hint.of("eval").with("--suite", output));
    }

    private void write(CaseSuite suite) {
        AtomicFile.write(output, out -> {
            for (Iterator<String> lines = SuiteFile.lines(suite).iterator(); lines.hasNext(); ) {
                out.write((lines.next() + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
    }
}
