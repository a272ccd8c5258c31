package modelpatch.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.EngineReference;
import modelpatch.export.Export;
import modelpatch.export.ExportDocument;
import modelpatch.export.ExportFormat;
import modelpatch.export.ExportOnnx;
import modelpatch.export.OnnxDocument;
import modelpatch.export.OnnxExport;
import modelpatch.export.WeightForm;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.patch.PatchStack;
import modelpatch.report.ExportView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code patch export}: the patched model in a form that others load. */
@Command(
        name = "export",
        header = "Writes the patched model in a form that others load.",
        footer = "  patch export --model m --patch patches/p.patch.safetensors --format onnx --out patched-onnx")
final class ExportCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    private static final String ONNX = "onnx";

    /** For the help of the option. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Names() {
            super(names());
        }
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "safetensors",
            completionCandidates = Names.class,
            description = "${COMPLETION-CANDIDATES}")
    String format;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "a directory that is not there yet")
    Path out;

    @Option(
            names = "--weights",
            paramLabel = "FORM",
            description =
                    "for onnx and gguf, how matrices are stored: fp32 (default of onnx), fp16 (default of gguf), bf16, or int8 (MatMulNBits in"
                            + " ONNX, Q8_0 in GGUF); fp32 is judged by the largest difference of a logit, the others by their mean KL",
            showDefaultValue = Visibility.NEVER)
    WeightForm weights;

    @Option(
            names = "--every-matrix",
            description = "for gguf of a GGUF base: store all matrices so, not only the edited ones")
    boolean everyMatrix;

    @ArgGroup(exclusive = false, heading = "Only for onnx:%n")
    OnnxOptions onnx = new OnnxOptions();

    /** What the hint lets a written model go on with. */
    private static final String PROMPT = "The capital of France is";

    ExportCommand(Terminal terminal) {
        super(terminal);
    }

    /** The help has a sentence of every format, and the option their names. */
    @Spec
    void describe(CommandSpec command) {
        List<String> lines = new ArrayList<>();
        ExportFormat.all().forEach(known -> lines.add(known.name() + ": " + known.help()));
        lines.add(ONNX
                + ": one graph for prompts and for single tokens after kept keys and values. ONNX Runtime must give the engine's"
                + " numbers from the written file, else nothing is written and the exit code is 1.");
        command.usageMessage().description(lines.toArray(String[]::new));
    }

    private static List<String> names() {
        return Stream.concat(ExportFormat.all().stream().map(ExportFormat::name), Stream.of(ONNX))
                .toList();
    }

    @Override
    Answer answer() {
        return format.equalsIgnoreCase(ONNX) ? onnx() : written(format());
    }

    private ExportFormat format() {
        return ExportFormat.named(format)
                .orElseThrow(() -> new BadInput(
                        "no such format",
                        "--format",
                        String.join(" or ", names()),
                        format,
                        "leave it out for safetensors"));
    }

    private Answer written(ExportFormat known) {
        Export export = new Export(
                known,
                new Export.Options(
                        out,
                        Optional.ofNullable(weights),
                        everyMatrix,
                        Installation.here().canary(),
                        common.threads()));
        ExportDocument document = known.runsHere() ? run(export) : write(export);
        Answer answer = new Answer(document, () -> ExportView.text(document), document.passed() ? 0 : 1);
        return document.written()
                .model()
                .filter(file -> document.passed())
                .map(file -> answer.next(Hint.of("logits").with("--model", file).with("--prompt", PROMPT)))
                .orElse(answer);
    }

    private ExportDocument run(Export export) {
        try (PatchedModel opened = model.open(this)) {
            return export.writeAndRun(opened);
        }
    }

    private ExportDocument write(Export export) {
        PatchStack stack = model.stack(this);
        try (Checkpoint base = Checkpoint.open(model.path())) {
            return export.write(base, stack);
        }
    }

    private Answer onnx() {
        Instant begun = terminal.clock().instant();
        OnnxExport.Options options = onnx.options(weights == null ? WeightForm.FP32 : weights, common.threads());
        onnx.check();
        List<RegressionSuite> suites = onnx.readSuites();
        EngineReference reference = onnx.unproved ? EngineReference.NONE : reference(suites);
        PatchStack stack = model.stack(this);
        try (Checkpoint base = Checkpoint.open(model.path())) {
            OnnxDocument document = new ExportOnnx(out, Optional.ofNullable(onnx.onnxIn), onnx.requantise, options)
                    .run(base, stack, reference, begun, terminal.clock());
            Answer answer = new Answer(document, () -> ExportView.text(document), document.passed() ? 0 : 1);
            return document.passed()
                    ? answer.next(Hint.of("run").with("--onnx", out).with("--prompt", PROMPT))
                    : answer;
        }
    }

    /** The engine is closed before ONNX Runtime begins. */
    private EngineReference reference(List<RegressionSuite> suites) {
        try (PatchedModel opened = model.open(this)) {
            return EngineReference.of(
                    opened, suites, Installation.here().canary(), common.seed, onnx.requantise, terminal.clock(), this);
        }
    }
}
