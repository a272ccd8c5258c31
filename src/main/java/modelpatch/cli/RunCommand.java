package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.export.ContinuationDocument;
import modelpatch.export.OnnxModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code patch run}: an exported model answers in ONNX Runtime. */
@Command(
        name = "run",
        header = "Lets an exported ONNX model go on with a prompt, in ONNX Runtime.",
        description =
                "Greedy, with keys and values kept. It stops at every token that a file beside the model calls the end.",
        footer = "  patch run --onnx patched-onnx --prompt \"The capital of France is\"")
final class RunCommand extends Subcommand {
    @Option(names = "--onnx", paramLabel = "DIR", required = true, description = "a directory with model.onnx")
    Path directory;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "the prompt; nothing is added to it")
    String prompt;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "32",
            description = "go on for at most N tokens")
    int maxNewTokens;

    RunCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        if (maxNewTokens < 1) {
            throw new BadInput(
                    "out of range", "--max-new-tokens", "1 or more", String.valueOf(maxNewTokens), "32 is usual");
        }
        try (OnnxModel model = OnnxModel.open(directory, common.threads())) {
            ContinuationDocument document = ContinuationDocument.of(model, prompt, maxNewTokens, System::nanoTime);
            detail(Numbers.format(
                    "%d tokens, %.1f per second", document.generated().length, document.tokensPerSecond()));
            return Answer.of(document, document::text);
        }
    }
}
