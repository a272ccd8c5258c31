package modelpatch.model;

import modelpatch.BadInput;
import modelpatch.architecture.ModelConfig;

/** Whether a model can read a prompt at all. */
final class PromptRoom {
    private PromptRoom() {}

    /** @throws BadInput for an empty prompt, ids that are no tokens, and one that the context cannot hold with what is to be written */
    static void require(ModelConfig config, int[] prefix, int[] prompt, int newTokens) {
        if (prompt.length == 0) {
            throw emptyPrompt();
        }
        config.requireIds(prefix);
        config.requireIds(prompt);
        int length = prefix.length + prompt.length + newTokens;
        if (length > config.nCtx()) {
            throw new BadInput(
                    "prompt beyond the context",
                    "prompt",
                    "at most " + config.nCtx() + " tokens",
                    length + " (prefix " + prefix.length + ", prompt " + prompt.length + ", new " + newTokens + ")",
                    "shorten it");
        }
    }

    static BadInput emptyPrompt() {
        return new BadInput("empty prompt", "prompt", "at least one token", "none", "give some text or ids");
    }
}
