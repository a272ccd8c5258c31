package modelpatch.cli;

import java.util.Arrays;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.evaluate.Frame;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.LensDocument;
import modelpatch.locate.PromptLens;
import modelpatch.model.LanguageModel;
import modelpatch.report.PromptView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch lens}: the residual stream after every block, read through the unembedding. */
@Command(
        name = "lens",
        header = "Reads answers out of every layer of a model (the logit lens).",
        description = "One row per block, layer 0 after the first. Rank 1 is the most likely token of the vocabulary.",
        footer = {
            "  patch lens --model model.gguf --prompt \"The capital of the country of the Louvre is\" --targets \"Paris|France\"",
            "  patch lens --model model.gguf --train-tuned model.lens.safetensors"
        })
final class LensCommand extends Subcommand {
    /** How vocabularies spell the token of what they lack, in the quotes of {@link Prompts#shown}. */
    private static final Set<String> UNKNOWN = Set.of("\"<unk>\"", "\"[UNK]\"", "\"<|unk|>\"");

    @Mixin
    ModelOptions model;

    @ArgGroup(multiplicity = "0..1")
    PromptOptions prompt;

    @ArgGroup(multiplicity = "0..1")
    Targets targets;

    @Mixin
    CkaOptions cka;

    @Mixin
    TunedLensOptions lens;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Option(
            names = "--position",
            paramLabel = "P",
            description = "token position, from 0; negative from the end",
            defaultValue = "-1")
    int position;

    @Option(names = "--raw", description = "without the final norm, as some published code does")
    boolean raw;

    @Option(
            names = "--intervene",
            description =
                    "of two targets, the implicit result and the answer: suppress the first in the residual stream after each"
                            + " block, or random tokens for comparison, and see what becomes of the second")
    boolean intervene;

    LensCommand(Terminal terminal) {
        super(terminal);
    }

    /** What is looked for. */
    static final class Targets {
        @Option(
                names = "--targets",
                paramLabel = "TEXT",
                split = "\\|",
                required = true,
                description = "answers to look for, separated by |; each is read at its first token")
        String[] texts;

        @Option(
                names = "--target-ids",
                paramLabel = "ID",
                split = ",",
                required = true,
                description = "token ids to look for")
        int[] ids;
    }

    @Override
    Answer answer() {
        if (cka.asked) {
            return cka.answer(cases, protocol, model, this);
        }
        if (lens.trainTo != null) {
            return lens.train(model, this);
        }
        if (lens.file != null && intervene) {
            throw new BadInput(
                    "a tuned lens",
                    "--tuned",
                    "a reading",
                    "--intervene, which acts on the residual stream as it is",
                    "give one of the two");
        }
        requireGiven(prompt, "--prompt TEXT or --ids ID,...");
        requireGiven(targets, "--targets TEXT or --target-ids ID,...");
        try (PatchedModel open = model.open(this)) {
            LanguageModel opened = open.model();
            int[] ids = prompt.ids(opened, ChatOption.frame(protocol.chat, opened, this));
            int[] wanted = wanted(opened);
            LensDocument document = intervene
                    ? PromptLens.intervene(opened, ids, position, wanted, !raw, common.seed)
                    : PromptLens.read(opened, ids, position, wanted, !raw, lens.read(opened));
            String through = lens.file == null ? "" : "\n\nread through the tuned lens of " + lens.file;
            String text = common.json ? "" : PromptView.text(document, id -> Prompts.shown(opened, id)) + through;
            return Answer.of(document, () -> text);
        }
    }

    private static void requireGiven(Object option, String names) {
        if (option == null) {
            throw new BadInput(
                    "what to read",
                    "command line",
                    names,
                    "none",
                    "give it, or --cka for fast and slow prompts of a suite, or --train-tuned");
        }
    }

    private int[] wanted(LanguageModel opened) {
        if (targets.ids != null) {
            return targets.ids.clone();
        }
        Frame frame = ChatOption.frame(protocol.chat, opened, this);
        return Arrays.stream(targets.texts)
                .mapToInt(text -> {
                    int[] tokens = Prompts.answerTokens(opened, frame, prompt.text, text);
                    if (UNKNOWN.contains(Prompts.shown(opened, tokens[0]).strip())) {
                        remark("\"" + text + "\" is not in this model's vocabulary: what is read is "
                                + Prompts.shown(opened, tokens[0]) + ", which says nothing of it");
                    } else if (tokens.length > 1) {
                        remark("\"" + text + "\" has " + tokens.length + " tokens; read at the first, "
                                + Prompts.shown(opened, tokens[0]));
                    }
                    return tokens[0];
                })
                .toArray();
    }
}
