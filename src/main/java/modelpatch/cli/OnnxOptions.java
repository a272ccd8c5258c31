package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.export.OnnxExport;
import modelpatch.export.Operators;
import modelpatch.export.WeightForm;
import modelpatch.guard.RegressionSuite;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How an ONNX file is written and proved. */
final class OnnxOptions {
    @Option(
            names = "--largest-file",
            paramLabel = "SIZE",
            converter = MemorySize.class,
            description = "beyond this, tensors lie in model.onnx_data (default: what a protobuf message holds, 2 GB)",
            showDefaultValue = Visibility.NEVER)
    Long largestFile;

    @Option(
            names = "--operators",
            paramLabel = "KIND",
            showDefaultValue = Visibility.NEVER,
            description =
                    "of the graph: basic (opset 20; so by default), or fused (opset 23: attention, rotary positions and norms as one operator each)")
    Operators operators;

    @Option(
            names = "--patches-apart",
            description =
                    "keep patches as low-rank factors in model.onnx, and base weights in model.onnx_data, which is then the same file for"
                            + " every patch: several model.onnx may share one")
    boolean patchesApart;

    @Option(
            names = "--onnx-in",
            paramLabel = "FILE",
            description =
                    "patch this ONNX file of the same base instead of writing a new one: the edited weights are found by their numbers,"
                            + " and every other byte stays")
    Path onnxIn;

    @Option(
            names = "--requantise",
            description =
                    "where the file of --onnx-in holds an edited weight as integers of 4 or 8 bits, quantise the patched weight as the file"
                            + " does, and judge the whole by its mean KL, beside that of the given file; else such a file is refused")
    boolean requantise;

    @Option(
            names = "--suite",
            paramLabel = "FILE",
            arity = "1..*",
            description =
                    "regression suites that the written file must pass in ONNX Runtime, else nothing is left of it; their prompts are"
                            + " compared with the engine too")
    List<Path> suites = List.of();

    @Option(
            names = "--unproved",
            description = "do not run the engine beside the file, for models too large to run here; the file says so")
    boolean unproved;

    /** @throws BadInput where options do not go together */
    void check() {
        if (requantise && onnxIn == null) {
            throw new BadInput(
                    "nothing to requantise",
                    "--requantise",
                    "with --onnx-in FILE",
                    "without it",
                    "--weights int8 quantises a file that is written anew");
        }
        if (unproved && !suites.isEmpty()) {
            throw new BadInput(
                    "what to prove",
                    "--unproved, --suite",
                    "one of them",
                    "both",
                    "leave --unproved out to run suites");
        }
        if (onnxIn != null && !Files.isRegularFile(onnxIn)) {
            String found = Files.exists(onnxIn) ? "a directory" : "no such file";
            throw new BadInput("no ONNX file", onnxIn.toString(), "the file of --onnx-in", found, "check the path");
        }
        if (onnxIn != null && (operators != null || patchesApart || largestFile != null)) {
            throw new BadInput(
                    "what a given file is made of",
                    "--onnx-in",
                    "without --operators, --patches-apart and --largest-file",
                    "one of them",
                    "the file keeps its form; leave --onnx-in out to have a new one written");
        }
    }

    /** @throws BadInput where a suite cannot be read */
    List<RegressionSuite> readSuites() {
        return suites.stream().map(RegressionSuite::read).toList();
    }

    OnnxExport.Options options(WeightForm weights, int threads) {
        OnnxExport.Options options = OnnxExport.Options.defaults()
                .withThreads(threads)
                .withForm(weights)
                .withOperators(operators == null ? Operators.BASIC : operators);
        if (patchesApart) {
            return options.withPatchesApart();
        }
        return largestFile == null ? options : options.withLargestFile(largestFile);
    }
}
