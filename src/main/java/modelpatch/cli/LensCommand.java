package modelpatch.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.guard.PatchedModel;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;
import modelpatch.report.Table;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch lens}: the residual stream after every block, read through the unembedding. */
@Command(
        name = "lens",
        header = "Reads answers out of every layer of a model (the logit lens).",
        description = "One row per block, layer 0 after the first. Rank 1 is the most likely token of the vocabulary.",
        footer =
                "  patch lens --model model.gguf --prompt \"The capital of the country of the Louvre is\" --targets \"Paris|France\"")
final class LensCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @ArgGroup(multiplicity = "1")
    PromptOptions prompt;

    @ArgGroup(multiplicity = "1")
    Targets targets;

    @Option(
            names = "--position",
            paramLabel = "P",
            description = "token position, from 0; negative from the end",
            defaultValue = "-1")
    int position;

    @Option(names = "--raw", description = "without the final norm, as some published code does")
    boolean raw;

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

    record LensDocument(int[] ids, List<Layer> layers) {}

    record Layer(int layer, List<Target> targets) {}

    record Target(int id, double logit, double prob, int rank) {}

    @Override
    Answer answer() {
        try (PatchedModel open = model.open(this)) {
            LanguageModel opened = open.model();
            int[] ids = prompt.ids(opened);
            int at = position(ids.length);
            int[] wanted = wanted(opened);
            LensReading reading = read(opened, ids, at, wanted);
            List<Layer> layers = IntStream.range(0, opened.config().nLayers())
                    .mapToObj(layer -> new Layer(layer, targets(reading, layer, wanted)))
                    .toList();
            String text = common.json ? "" : text(opened, ids[at], at, wanted, reading, layers);
            return Answer.of(new LensDocument(ids, layers), () -> text);
        }
    }

    private int position(int length) {
        int at = position < 0 ? length + position : position;
        if (at < 0 || at >= length) {
            throw new BadInput(
                    "no such position",
                    "--position",
                    -length + " to " + (length - 1),
                    String.valueOf(position),
                    "the prompt has " + length + " tokens");
        }
        return at;
    }

    private int[] wanted(LanguageModel opened) {
        if (targets.ids != null) {
            return targets.ids.clone();
        }
        return Arrays.stream(targets.texts)
                .mapToInt(text -> {
                    int[] tokens = Prompts.answerTokens(opened, prompt.text, text);
                    if (tokens.length > 1) {
                        remark("\"" + text + "\" has " + tokens.length + " tokens; read at the first, "
                                + Prompts.shown(opened, tokens[0]));
                    }
                    return tokens[0];
                })
                .toArray();
    }

    private LensReading read(LanguageModel opened, int[] ids, int at, int[] wanted) {
        List<Site> sites = IntStream.range(0, opened.config().nLayers())
                .mapToObj(layer -> new Site(Site.Kind.RESIDUAL_POST, layer))
                .toList();
        Set<Site> reads = new LinkedHashSet<>(sites);
        ActivationCache run = opened.run(new int[0], List.of(ids), reads, List.of(), false);
        List<float[]> residuals = new ArrayList<>();
        sites.forEach(site -> residuals.add(run.at(0, site, at)));
        return opened.lens(residuals, wanted, !raw);
    }

    private static List<Target> targets(LensReading reading, int layer, int[] wanted) {
        return IntStream.range(0, wanted.length)
                .mapToObj(i -> new Target(
                        wanted[i],
                        reading.logits()[layer][i],
                        reading.probability(layer, i),
                        reading.ranks()[layer][i]))
                .toList();
    }

    private static String text(
            LanguageModel opened, int token, int at, int[] wanted, LensReading reading, List<Layer> layers) {
        List<String> headers = new ArrayList<>(List.of("layer>", "most likely"));
        for (int id : wanted) {
            headers.addAll(List.of(Prompts.shown(opened, id) + ">", "probability>", "rank>"));
        }
        Table table = Table.of(headers.toArray(String[]::new));
        for (Layer layer : layers) {
            List<Object> cells =
                    new ArrayList<>(List.of(layer.layer(), Prompts.shown(opened, reading.top()[layer.layer()])));
            for (Target target : layer.targets()) {
                cells.add(Numbers.decimal(target.logit(), 4));
                cells.add(Numbers.decimal(target.prob(), 4));
                cells.add(target.rank());
            }
            table.row(cells.toArray());
        }
        return "at position " + at + ", " + Prompts.shown(opened, token) + ":\n\n" + table;
    }
}
