package modelpatch.cli;

import modelpatch.BadInput;
import picocli.CommandLine.Option;

/** A prompt, and how far a model is to go on with it. */
final class ContinuationOptions {
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
    private int maxNewTokens;

    int maxNewTokens() {
        if (maxNewTokens < 1) {
            throw new BadInput(
                    "out of range", "--max-new-tokens", "1 or more", String.valueOf(maxNewTokens), "32 is usual");
        }
        return maxNewTokens;
    }
}
