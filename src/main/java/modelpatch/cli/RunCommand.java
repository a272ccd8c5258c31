package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.Numbers;
import modelpatch.export.ContinuationDocument;
import modelpatch.export.OnnxModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    ContinuationOptions continuation;

    RunCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        int most = continuation.maxNewTokens();
        try (OnnxModel model = OnnxModel.open(directory, common.threads())) {
            ContinuationDocument document = ContinuationDocument.of(model, continuation.prompt, most, System::nanoTime);
            detail(Numbers.format(
                    "%d tokens, %.1f per second", document.generated().length, document.tokensPerSecond()));
            return Answer.of(document, document::text);
        }
    }
}
