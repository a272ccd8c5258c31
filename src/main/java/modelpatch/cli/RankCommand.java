package modelpatch.cli;

import java.util.OptionalInt;
import modelpatch.BadInput;
import modelpatch.evaluate.Frame;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.PromptRanking;
import modelpatch.locate.RankDocument;
import modelpatch.model.LanguageModel;
import modelpatch.report.PromptView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch rank}: the effect of every attention head on one answer, exactly. */
@Command(
        name = "rank",
        header = "Ranks every attention head by its causal effect on an answer.",
        description =
                "Each head's output before W_O at the last position of the clean prompt is put into the corrupted prompt's run, alone; "
                        + "the effect is what the answer's logit gains by it. All heads, exactly; or, with --screen, those that its slope puts highest,"
                        + " exactly.",
        footer =
                "  patch rank --model model.gguf --clean \"The capital of France is\" --corrupted \"The capital of Spain is\" --target Paris")
final class RankCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    ChatOption chat;

    @ArgGroup(multiplicity = "1")
    Clean clean;

    @ArgGroup(multiplicity = "1")
    Corrupted corrupted;

    @ArgGroup(multiplicity = "1")
    Target target;

    @Option(
            names = "--screen",
            paramLabel = "N",
            description =
                    "try only the N heads that attribution patching puts highest: the effect to first order, of all heads by one"
                            + " backward pass (default: all heads, without it)")
    Integer screen;

    RankCommand(Terminal terminal) {
        super(terminal);
    }

    static final class Clean {
        @Option(
                names = "--clean",
                paramLabel = "TEXT",
                required = true,
                description = "the prompt whose heads are taken")
        String text;

        @Option(
                names = "--clean-ids",
                paramLabel = "ID",
                split = ",",
                required = true,
                description = "the same as token ids")
        int[] ids;
    }

    static final class Corrupted {
        @Option(
                names = "--corrupted",
                paramLabel = "TEXT",
                required = true,
                description = "the prompt that is patched into")
        String text;

        @Option(
                names = "--corrupted-ids",
                paramLabel = "ID",
                split = ",",
                required = true,
                description = "the same as token ids")
        int[] ids;
    }

    static final class Target {
        @Option(
                names = "--target",
                paramLabel = "TEXT",
                required = true,
                description = "the answer after the clean prompt; its first token is measured")
        String text;

        @Option(names = "--target-id", paramLabel = "ID", required = true, description = "the same as a token id")
        Integer id;
    }

    @Override
    Answer answer() {
        if (screen != null && screen < 1) {
            throw new BadInput(
                    "how many heads to try", "--screen", "at least 1", screen.toString(), "leave it out to try all");
        }
        OptionalInt screened = screen == null ? OptionalInt.empty() : OptionalInt.of(screen);
        try (PatchedModel open = model.open(this)) {
            LanguageModel opened = open.model();
            Frame frame = chat.frame(opened, this);
            int[] cleanIds = Prompts.ids(opened, frame, clean.text, clean.ids, "--clean");
            int[] corruptedIds = Prompts.ids(opened, frame, corrupted.text, corrupted.ids, "--corrupted");
            int wanted =
                    target.id != null ? target.id : Prompts.answerTokens(opened, frame, clean.text, target.text)[0];
            String token = Prompts.shown(opened, wanted);
            RankDocument document =
                    PromptRanking.of(opened, cleanIds, corruptedIds, wanted, screened, terminal.clock());
            return Answer.of(document, () -> PromptView.text(document, token));
        }
    }
}
