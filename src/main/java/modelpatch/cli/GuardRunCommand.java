package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.Versions;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.export.OnnxModel;
import modelpatch.export.OnnxTarget;
import modelpatch.guard.JUnitXml;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.RunDocument;
import modelpatch.guard.Sarif;
import modelpatch.guard.SuiteRunner;
import modelpatch.report.GuardView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard run}: does what was promised still hold? */
@Command(
        name = "run",
        header = "Runs regression suites on a model, a stack of patches, a merged checkpoint, or an ONNX model.",
        description =
                "Exit code 1 when a set is beyond its budget, or drift, time or size beyond its limit. An answer that"
                        + " rounding decides breaks nothing; it is counted as tied.",
        footer = {
            "  patch guard run --patch patches/p.patch.safetensors --suite eval/p.yaml --junit target/guard.xml",
            "  patch guard run --model merged --base default --suite eval/p.yaml",
            "  patch guard run --onnx exported --suite eval/p.yaml"
        })
final class GuardRunCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Option(
            names = "--onnx",
            paramLabel = "DIR",
            description =
                    "run on an exported ONNX model instead, in ONNX Runtime; drift is measured where --base says from what")
    Path onnx;

    @Mixin
    GuardSuiteOptions suites;

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "write the results as the XML of Surefire, for build servers")
    Path junit;

    @Option(names = "--sarif", paramLabel = "FILE", description = "write them as SARIF 2.1.0, for code review")
    Path sarif;

    @Mixin
    ReportOption report;

    GuardRunCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        List<RegressionSuite> asked = suites.read();
        RunDocument document = run(asked);
        if (junit != null) {
            write(junit, JUnitXml.of(document.suites()));
        }
        if (sarif != null) {
            write(sarif, Sarif.of(document.suites(), Versions.modelpatch(), Path.of("")));
        }
        Answer answer =
                new Answer(document, () -> GuardView.text(document.suites()) + written(), document.passed() ? 0 : 1);
        boolean bisectable = !document.broken().isEmpty()
                && onnx == null
                && model.patches.size() > 1
                && suites.files().size() == 1;
        Answer hinted = !bisectable
                ? answer
                : answer.next(Hint.after(spec, "guard", "bisect")
                        .with("--suite", suites.files().get(0))
                        .because("names the patch of the stack that breaks a case"));
        return report.of(hinted, "Regression suites: " + document.verdict(), String.join(", ", names(asked)));
    }

    private static List<String> names(List<RegressionSuite> suites) {
        return suites.stream().map(RegressionSuite::name).toList();
    }

    private RunDocument run(List<RegressionSuite> asked) {
        if (onnx != null) {
            if (!model.patches.isEmpty()) {
                throw new BadInput(
                        "what to guard",
                        "--onnx",
                        "an ONNX model as it is",
                        "--patch beside it",
                        "export it with its patches, or leave --onnx out");
            }
            try (OnnxModel opened = OnnxModel.open(onnx, common.threads());
                    CloseableBase base = suites.base(this)) {
                return SuiteRunner.runAll(asked, OnnxTarget.of(onnx, opened, base.model()), terminal.clock(), this);
            }
        }
        try (PatchedModel opened = model.open(this);
                CloseableBase base = suites.base(this)) {
            return SuiteRunner.runAll(asked, opened.target(base.model()), terminal.clock(), this);
        }
    }

    private static void write(Path file, String text) {
        AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String written() {
        List<String> written = new ArrayList<>();
        if (junit != null) {
            written.add(junit.toString());
        }
        if (sarif != null) {
            written.add(sarif.toString());
        }
        return written.isEmpty() ? "" : "\nwritten: " + String.join(" and ", written);
    }
}
