package modelpatch.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;
import modelpatch.report.Table;
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

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LogitsDocument(int[] ids, List<Position> positions, Generated generated) {}

    /** One position, with all logits or with the most likely tokens. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Position(int position, float[] logits, List<Candidate> top) {}

    /** One token that may come next; {@code token} is null for a model without a tokenizer. */
    record Candidate(int id, String token, float logit, double logprob) {}

    /** The greedy continuation; {@code text} is null for a model without a tokenizer. */
    record Generated(int[] ids, String text) {}

    @Override
    Answer answer() {
        requirePositive("--top", top);
        requirePositive("--generate", generate);
        try (PatchedModel open = model.open(this)) {
            LanguageModel opened = open.model();
            int[] ids = prompt.ids(opened);
            List<Position> positions = positions(opened, ids);
            LogitsDocument document =
                    new LogitsDocument(ids, positions, generate == null ? null : generated(opened, ids));
            String text = common.json ? "" : text(opened, document);
            return Answer.of(document, () -> text);
        }
    }

    private static void requirePositive(String option, Integer value) {
        if (value != null && value < 1) {
            throw new BadInput("out of range", option, "1 or more", String.valueOf(value), "leave it out for all");
        }
    }

    private List<Position> positions(LanguageModel opened, int[] ids) {
        boolean onlyLast = last || (top == null && !common.json);
        float[][] logits = onlyLast
                ? new float[][] {opened.nextLogits(new int[0], List.of(ids)).get(0)}
                : opened.allLogits(new int[0], ids);
        List<Position> positions = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            int position = ids.length - logits.length + i;
            positions.add(
                    top == null && common.json
                            ? new Position(position, logits[i], null)
                            : new Position(position, null, top(opened, logits[i])));
        }
        return positions;
    }

    private List<Candidate> top(LanguageModel opened, float[] logits) {
        double total = NextToken.logSumExp(logits);
        return Arrays.stream(NextToken.top(logits, top == null ? SHOWN : top))
                .mapToObj(id -> new Candidate(
                        id,
                        opened.hasTokenizer() ? opened.tokenizer().token(id) : null,
                        logits[id],
                        logits[id] - total))
                .toList();
    }

    private Generated generated(LanguageModel opened, int[] ids) {
        Set<Integer> ends = stop ? EndOfSequence.ids(opened) : Set.of();
        Predicate<int[]> finished = made -> ends.contains(made[made.length - 1]);
        int[] made =
                opened.generate(new int[0], List.of(ids), generate, finished).get(0);
        return new Generated(made, opened.hasTokenizer() ? opened.tokenizer().decode(made) : null);
    }

    private static String text(LanguageModel opened, LogitsDocument document) {
        Table table = Table.of("position>", "token", "next", "logit>", "probability>");
        for (Position position : document.positions()) {
            String token = Prompts.shown(opened, document.ids()[position.position()]);
            for (int rank = 0; rank < position.top().size(); rank++) {
                Candidate candidate = position.top().get(rank);
                table.row(
                        rank == 0 ? position.position() : "",
                        rank == 0 ? token : "",
                        Prompts.shown(opened, candidate.id()),
                        Numbers.decimal(candidate.logit(), 4),
                        Numbers.decimal(Math.exp(candidate.logprob()), 4));
            }
        }
        Generated generated = document.generated();
        if (generated == null) {
            return table.toString();
        }
        String made = generated.text() == null
                ? Arrays.stream(generated.ids()).mapToObj(String::valueOf).collect(Collectors.joining(","))
                : generated.text();
        return table + "\n\ngoes on with: " + made;
    }
}
