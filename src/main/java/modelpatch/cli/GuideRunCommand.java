package modelpatch.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGeneratorFactory;
import modelpatch.guard.PatchedModel;
import modelpatch.guide.Choice;
import modelpatch.guide.GuidedModel;
import modelpatch.guide.OpenGuider;
import modelpatch.guide.Strength;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guide run}: a guided target goes on with a prompt. */
@Command(
        name = "run",
        header = "Lets a guided target go on with a prompt.",
        description =
                "Greedy, or sampled under the seed where --temperature is given. It stops at an end-of-sequence token.",
        footer =
                "  patch guide run --guider-base run/base --guider run/guider --prompt \"The home city of the author of the Book of Kalael is\"")
final class GuideRunCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    GuideOptions guide;

    @Mixin
    ContinuationOptions continuation;

    @Option(names = "--temperature", paramLabel = "X", description = "sample at this temperature (default: greedy)")
    Double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "1",
            description = "sample from the likeliest tokens that together have this probability")
    double topP;

    @Option(names = "--past-end", description = "go on behind an end-of-sequence token")
    boolean pastEnd;

    GuideRunCommand(Terminal terminal) {
        super(terminal);
    }

    /** What {@code --json} prints. */
    record RunDocument(int[] ids, int[] generated, String text) {}

    @Override
    Answer answer() {
        Strength strength = guide.strength();
        int most = continuation.maxNewTokens();
        Choice choice = temperature == null
                ? new Choice.Greedy()
                : new Choice.Sampled(
                        temperature,
                        topP,
                        RandomGeneratorFactory.of("L64X128MixRandom").create(common.seed));
        try (PatchedModel opened = model.open(this);
                OpenGuider guider = guide.open(opened.model(), guide.guider, common)) {
            GuidedModel guided =
                    GuidedModel.of(opened.model(), guider.guider(), guider.base(), strength, guide.mapTokens);
            int[] ids = guided.tokenizer().encode(continuation.prompt);
            Set<Integer> ends = pastEnd ? Set.of() : guided.endTokens();
            int[] written = guided.generate(
                            new int[0], List.of(ids), most, so -> ends.contains(so[so.length - 1]), choice)
                    .get(0);
            int kept = written.length > 0 && ends.contains(written[written.length - 1])
                    ? written.length - 1
                    : written.length;
            String text = guided.tokenizer().decode(Arrays.copyOf(written, kept));
            return Answer.of(new RunDocument(ids, written, text), () -> text);
        }
    }
}
