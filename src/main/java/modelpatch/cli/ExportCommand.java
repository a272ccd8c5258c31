package modelpatch.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch export}: the patched model in a form that others load. */
@Command(
        name = "export",
        header = "Writes the patched model in a form that others load.",
        description = {
            "safetensors: a checkpoint in the layout it came in; other tensors byte for byte. Where the cast to the stored kind takes"
                    + " something of the change away, the written model is run beside the patched one and the difference is shown.",
            "onnx: one graph for prompts and for single tokens after kept keys and values. ONNX Runtime must give the engine's numbers"
                    + " from the written file, else nothing is written and the exit code is 1.",
            "lora: the patches alone as a PEFT adapter, which readers put on the unchanged base."
        },
        footer = "  patch export --model m --patch patches/p.patch.safetensors --format onnx --out patched-onnx")
final class ExportCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    /** The forms. */
    enum Format {
        SAFETENSORS,
        ONNX,
        LORA
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "safetensors",
            description = "safetensors, onnx or lora")
    String format;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "a directory that is not there yet")
    Path out;

    @ArgGroup(exclusive = false, heading = "Only for onnx:%n")
    OnnxOptions onnx = new OnnxOptions();

    ExportCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        return switch (format()) {
            case SAFETENSORS -> new SafetensorsExport(this).answer();
            case ONNX -> new OnnxExportAnswer(this).answer();
            case LORA -> new LoraExport(this).answer();
        };
    }

    private Format format() {
        return Arrays.stream(Format.values())
                .filter(known -> known.name().equalsIgnoreCase(format))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "no such format",
                        "--format",
                        Arrays.stream(Format.values())
                                .map(known -> known.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(" or ")),
                        format,
                        "leave it out for safetensors"));
    }
}
