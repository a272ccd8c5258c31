package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.export.ExportFormat;
import modelpatch.export.WeightForm;
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
        if (format.equalsIgnoreCase(ONNX)) {
            return new OnnxExportAnswer(this).answer();
        }
        ExportFormat known = ExportFormat.all().stream()
                .filter(one -> one.name().equalsIgnoreCase(format))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such format",
                        "--format",
                        String.join(" or ", names()),
                        format,
                        "leave it out for safetensors"));
        return new ExportAnswer(this, known).answer();
    }

    WeightForm weights(WeightForm otherwise) {
        return weights == null ? otherwise : weights;
    }
}
