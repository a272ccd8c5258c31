package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.export.OnnxModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code patch run}: an exported model answers in ONNX Runtime. */
@Command(
        name = "run",
        header = "Lets an exported ONNX model go on with a prompt, in ONNX Runtime.",
        description =
                "Greedy, with keys and values kept. It stops at an end-of-sequence token of generation_config.json.",
        footer = "  patch run --onnx patched-onnx --prompt \"The capital of France is\"")
final class RunCommand extends Subcommand {
    private static final int[] NO_PREFIX = {};

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

    /** What {@code --json} prints; the rate counts the prompt's pass too. */
    record RunDocument(int[] ids, int[] generated, String text, double seconds, double tokensPerSecond) {}

    @Override
    Answer answer() {
        if (maxNewTokens < 1) {
            throw new BadInput(
                    "out of range", "--max-new-tokens", "1 or more", String.valueOf(maxNewTokens), "32 is usual");
        }
        try (OnnxModel model = OnnxModel.open(directory, common.threads())) {
            int[] ids = model.tokenizer().encode(prompt);
            Set<Integer> ends = model.endOfSequence();
            long start = System.nanoTime();
            int[] made = model.generate(
                            NO_PREFIX, List.of(ids), maxNewTokens, soFar -> ends.contains(soFar[soFar.length - 1]))
                    .get(0);
            double seconds = (System.nanoTime() - start) / 1e9;
            String text = model.tokenizer().decode(made);
            RunDocument document = new RunDocument(ids, made, text, seconds, made.length / seconds);
            detail(Numbers.format("%d tokens, %.1f per second", made.length, document.tokensPerSecond()));
            return Answer.of(document, () -> text);
        }
    }
}
