package modelpatch.cli;

import java.util.OptionalInt;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.evaluate.Logits;
import modelpatch.evaluate.LogitsDocument;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;
import modelpatch.report.PromptView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch logits}: what a model expects next. */
@Command(
        name = "logits",
        header = "Shows what a model expects after a prompt, and how it goes on.",
        description =
                "With --json the logits of the whole vocabulary at every position, unless --last or --top asks for less.",
        footer = "  patch logits --model model.gguf --prompt \"The capital of France is\" --last --top 5")
final class LogitsCommand extends Subcommand {
    private static final int SHOWN = 5;

    @Mixin
    ModelOptions model;

    @Mixin
    ChatOption chat;

    @ArgGroup(multiplicity = "1")
    PromptOptions prompt;

    @Option(names = "--last", description = "only the last position")
    boolean last;

    @Option(names = "--top", paramLabel = "K", description = "only the K most likely tokens of each position")
    Integer top;

    @Option(names = "--generate", paramLabel = "N", description = "go on greedily for exactly N tokens")
    Integer generate;

    @Option(names = "--stop", description = "with --generate: stop at an end-of-sequence token")
    boolean stop;

    LogitsCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        requirePositive("--top", top);
        requirePositive("--generate", generate);
        try (PatchedModel open = model.open(this)) {
            LanguageModel opened = open.model();
            int[] ids = prompt.ids(opened, chat.frame(opened, this));
            LogitsDocument next = Logits.after(opened, ids, last || (top == null && !common.json), shown());
            LogitsDocument document = generate == null
                    ? next
                    : next.goingOn(Logits.continued(opened, ids, generate, stop ? ends(opened) : Set.of()));
            String text = common.json ? "" : PromptView.text(document, id -> Prompts.shown(opened, id));
            return Answer.of(document, () -> text);
        }
    }

    private static Set<Integer> ends(LanguageModel model) {
        Set<Integer> ends = model.endTokens();
        if (ends.isEmpty()) {
            throw new BadInput(
                    "no end-of-sequence token",
                    model.name(),
                    "eos_token_id in its configuration, or eos_token in tokenizer_config.json",
                    "none",
                    "leave out --stop");
        }
        return ends;
    }

    /** How many tokens of each position are shown; all logits go only into JSON. */
    private OptionalInt shown() {
        return top == null && common.json ? OptionalInt.empty() : OptionalInt.of(top == null ? SHOWN : top);
    }

    private static void requirePositive(String option, Integer value) {
        if (value != null && value < 1) {
            throw new BadInput("out of range", option, "1 or more", String.valueOf(value), "leave it out for all");
        }
    }
}
