package modelpatch.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.export.WeightForm;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
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
            "gguf: of a GGUF base, the edited tensors in another kind and everything else, the tokenizer included, byte for byte; of"
                    + " safetensors (llama, mistral, qwen2, qwen3), every matrix in that kind, with configuration and tokenizer as key-values.",
            "lora: the patches alone as a PEFT adapter, which readers put on the unchanged base."
        },
        footer = "  patch export --model m --patch patches/p.patch.safetensors --format onnx --out patched-onnx")
final class ExportCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    /** The formats that {@code --format} knows, by the name typed. */
    enum Format {
        SAFETENSORS,
        ONNX,
        GGUF,
        LORA
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "safetensors",
            description = "safetensors, onnx, gguf or lora")
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

    @Override
    Answer answer() {
        return switch (format()) {
            case SAFETENSORS -> new CheckpointExport(this, Format.SAFETENSORS).answer();
            case ONNX -> new OnnxExportAnswer(this).answer();
            case GGUF -> new CheckpointExport(this, Format.GGUF).answer();
            case LORA -> new LoraExport(this).answer();
        };
    }

    WeightForm weights(WeightForm otherwise) {
        return weights == null ? otherwise : weights;
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
