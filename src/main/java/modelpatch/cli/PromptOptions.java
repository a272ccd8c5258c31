package modelpatch.cli;

import modelpatch.evaluate.Frame;
import modelpatch.model.LanguageModel;
import picocli.CommandLine.Option;

/** One prompt, as text or as token ids. */
final class PromptOptions {
    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "the prompt; nothing is added to it unless --chat says so")
    String text;

    @Option(
            names = "--ids",
            paramLabel = "ID",
            split = ",",
            required = true,
            description = "the prompt as token ids, separated by commas; needs no tokenizer")
    int[] ids;

    int[] ids(LanguageModel model, Frame frame) {
        return Prompts.ids(model, frame, text, ids, "--prompt");
    }
}
