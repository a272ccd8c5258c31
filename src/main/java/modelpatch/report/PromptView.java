package modelpatch.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.LogitsDocument;
import modelpatch.locate.LensDocument;
import modelpatch.locate.RankDocument;
import modelpatch.locate.Suppression;
import modelpatch.locate.TunedLensDocument;

/** What is read out of the run of one prompt, for a reader. Tokens are shown as a function says. */
public final class PromptView {
    private static final int HEADS = 15;

    private PromptView() {}

    /** What a model expects, position by position, and how it goes on; for documents with likeliest tokens. */
    public static String text(LogitsDocument document, IntFunction<String> shown) {
        Table table = Table.of("position>", "token", "next", "logit>", "probability>");
        for (LogitsDocument.Position position : document.positions()) {
            String token = shown.apply(document.ids()[position.position()]);
            for (int rank = 0; rank < position.top().size(); rank++) {
                LogitsDocument.Candidate candidate = position.top().get(rank);
                table.row(
                        rank == 0 ? position.position() : "",
                        rank == 0 ? token : "",
                        shown.apply(candidate.id()),
                        Numbers.decimal(candidate.logit(), 4),
                        Numbers.decimal(Math.exp(candidate.logprob()), 4));
            }
        }
        LogitsDocument.Generated generated = document.generated();
        if (generated == null) {
            return table.toString();
        }
        String made = generated.text() == null
                ? Arrays.stream(generated.ids()).mapToObj(String::valueOf).collect(Collectors.joining(","))
                : generated.text();
        return table + "\n\ngoes on with: " + made;
    }

    /** Answers after every block. */
    public static String text(LensDocument document, IntFunction<String> shown) {
        List<String> headers = new ArrayList<>(List.of("layer>", "most likely"));
        for (LensDocument.Target target : document.layers().get(0).targets()) {
            headers.addAll(List.of(shown.apply(target.id()) + ">", "probability>", "rank>"));
        }
        Table table = Table.of(headers.toArray(String[]::new));
        for (LensDocument.Layer layer : document.layers()) {
            List<Object> cells = new ArrayList<>(List.of(layer.layer(), shown.apply(document.top()[layer.layer()])));
            for (LensDocument.Target target : layer.targets()) {
                cells.add(Numbers.decimal(target.logit(), 4));
                cells.add(Numbers.decimal(target.prob(), 4));
                cells.add(target.rank());
            }
            table.row(cells.toArray());
        }
        String suppression = document.suppression() == null ? "" : "\n\n" + suppression(document.suppression(), shown);
        return "at position " + document.position() + ", " + shown.apply(document.ids()[document.position()]) + ":\n\n"
                + table + suppression;
    }

    /** How near every block comes to the end, with and without a tuned lens. */
    public static String text(TunedLensDocument document) {
        Table table = Table.of("after layer>", "logit lens, nats>", "tuned lens, nats>");
        document.layers()
                .forEach(layer -> table.row(
                        layer.layer(), Numbers.decimal(layer.logitLens(), 4), Numbers.decimal(layer.tuned(), 4)));
        long nearer = document.layers().stream()
                .filter(layer -> layer.tuned() < layer.logitLens())
                .count();
        return Numbers.format(
                "divergence from what the model says in the end, on %d positions that the lens was not trained on:\n\n%s\n\n"
                        + "the tuned lens is nearer in %d of %d layers; %d steps a layer on %d positions, %.1f s",
                document.heldOut(),
                table,
                nearer,
                document.layers().size(),
                document.steps(),
                document.rows(),
                document.seconds());
    }

    private static String suppression(Suppression suppression, IntFunction<String> shown) {
        Table table = Table.of(
                "after layer>",
                "probability without " + shown.apply(suppression.implicit()) + ">",
                "without random tokens>",
                "95 % interval");
        suppression
                .layers()
                .forEach(layer -> table.row(
                        layer.layer(),
                        Numbers.decimal(layer.after(), 4),
                        Numbers.decimal(layer.control().value().orElseThrow(), 4),
                        Interval.decimal(layer.control().interval())));
        return "the probability of " + shown.apply(suppression.answer()) + " is "
                + Numbers.decimal(suppression.before(), 4) + "; where the residual stream is kept from saying "
                + shown.apply(suppression.implicit()) + ", or one of "
                + suppression.layers().get(0).control().n() + " random tokens:\n\n" + table;
    }

    /** The heads of the greatest effect. */
    public static String text(RankDocument document, String answer) {
        boolean screened =
                document.heads().stream().anyMatch(head -> head.attributed().isPresent());
        Table table = screened
                ? Table.of("head", "patched logit>", "effect>", "to first order>")
                : Table.of("head", "patched logit>", "effect>");
        document.heads().stream().limit(HEADS).forEach(head -> {
            List<Object> cells = new ArrayList<>(
                    List.of(head.head(), Numbers.decimal(head.patchedLogit(), 4), Numbers.decimal(head.effect(), 4)));
            head.attributed().ifPresent(attributed -> cells.add(Numbers.decimal(attributed, 4)));
            table.row(cells.toArray());
        });
        return Numbers.format(
                "logit of %s: clean %.4f, corrupted %.4f\n\n%s\n\n%d heads%s in %.1f s%s",
                answer,
                document.cleanLogit(),
                document.corruptedLogit(),
                table,
                document.heads().size(),
                screened ? ", those that their slopes put highest," : "",
                document.seconds(),
                document.heads().size() > HEADS ? "; --json lists them all" : "");
    }
}
