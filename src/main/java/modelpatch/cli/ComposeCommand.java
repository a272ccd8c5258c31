package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.cases.Ambiguity;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Counts;
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
    private static final int EXAMPLES = 3;

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

    /**
     * The suite in numbers.
     *
     * @param counts of the suite as it is
     * @param capped of its part in which no answer has more than a tenth of the cases
     * @param templateOverlap prompts that serve both for editing and for results; 0
     * @param bridgeOverlap bridges with cases on both sides; 0
     * @param ambiguities subjects and relations with two objects, which no case uses
     * @param examples some cases
     * @param file what was written, or null
     */
    record ComposeDocument(
            Counts counts,
            Counts capped,
            int templateOverlap,
            int bridgeOverlap,
            List<String> ambiguities,
            List<Example> examples,
            String file) {}

    record Example(String id, String prompt, String guide, String bridge, String answer) {}

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
        Counts capped = suite.capped(CaseSuite.USUAL_CAP, common.seed).counts();
        ComposeDocument document = new ComposeDocument(
                suite.counts(),
                capped,
                suite.templateOverlap(),
                suite.bridgeOverlap(),
                suite.ambiguities().stream().map(Ambiguity::toString).toList(),
                suite.sample(EXAMPLES, common.seed).cases().stream()
                        .map(ComposeCommand::example)
                        .toList(),
                output == null ? null : output.toString());
        return Answer.of(document, () -> SuiteView.text(suite, capped) + examples(document) + next());
    }

    private void write(CaseSuite suite) {
        AtomicFile.write(output, out -> {
            for (Iterator<String> lines = SuiteFile.lines(suite).iterator(); lines.hasNext(); ) {
                out.write((lines.next() + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    private static Example example(CompositionalCase one) {
        return new Example(one.id(), one.primary().prompt(), one.primaryGuide().prompt(), one.bridge(), one.answer());
    }

    private static String examples(ComposeDocument document) {
        StringBuilder text = new StringBuilder("\n\nfor example");
        for (Example example : document.examples()) {
            text.append("\n  ").append(example.prompt()).append(" ... ").append(example.answer());
        }
        return text.toString();
    }

    private String next() {
        return output == null
                ? "\n\nnext: patch eval " + (cases.suite == null ? "--facts " : "--suite ") + cases.source()
                        + ", or --output FILE to write the suite"
                : "\n\nwritten: " + output + "; next: patch eval --suite " + output;
    }
}
