package modelpatch.report;

import modelpatch.Numbers;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftDocument;

/** What {@code patch guard drift} says to a reader. */
public final class DriftView {
    private static final int SHOWN = 3;

    private DriftView() {}

    /** All of it, without a final newline. */
    public static String text(DriftDocument document) {
        Table table = Table.of(
                "patch",
                "KL alone>",
                "KL up to it>",
                "flips alone>",
                "flips up to it>",
                "perplexity>",
                "texts changed>");
        for (DriftDocument.Step step : document.steps()) {
            Drift all = step.upTo();
            table.row(
                    step.patch().substring(0, 12),
                    Numbers.size(step.alone().klMean()),
                    Numbers.size(all.klMean()),
                    Numbers.percent(step.alone().topFlips(), 2),
                    Numbers.percent(all.topFlips(), 2),
                    Numbers.size(all.perplexityBefore()) + " to " + Numbers.size(all.perplexityAfter()),
                    step.textChanges() + " of " + document.passages());
        }
        StringBuilder text = new StringBuilder(table.toString()).append('\n');
        Table sizes = Table.of("patch", "tensor", "rank>", "|dW|>", "largest singular value>", "effective rank>");
        document.steps()
                .forEach(step -> step.geometry()
                        .forEach(one -> sizes.row(
                                step.patch().substring(0, 12),
                                one.tensor(),
                                one.rank(),
                                Numbers.size(one.norm()),
                                Numbers.size(one.largestSingularValue()),
                                Numbers.size(one.effectiveRank()))));
        text.append('\n').append(sizes).append('\n');
        Table growth = Table.of("tensor, whole stack", "|W|>", "|W' - W|>", "growth of the norm>");
        document.growth()
                .forEach(one -> growth.row(
                        one.tensor(),
                        Numbers.size(one.norm()),
                        Numbers.size(one.change()),
                        Numbers.percent(one.growth(), 2)));
        text.append('\n').append(growth).append('\n');
        if (!document.neighbours().isEmpty()) {
            Table near = Table.of(
                    "facts around the edit", "near by", "n>", "right before>", "right after>", "turned wrong>");
            document.neighbours()
                    .forEach(row -> near.row(
                            row.relation(),
                            row.kind().key().replace('_', ' '),
                            row.n(),
                            row.rightBefore(),
                            row.rightAfter(),
                            row.worsened()));
            text.append('\n').append(near).append('\n');
        }
        document.changes().stream()
                .limit(SHOWN)
                .forEach(change -> text.append("\n\"")
                        .append(change.beginning().replace('\n', ' '))
                        .append("\"\n  before: ")
                        .append(change.before().replace('\n', ' '))
                        .append("\n  after:  ")
                        .append(change.after().replace('\n', ' '))
                        .append('\n'));
        text.append('\n').append(RepairView.gates(document.gates())).append('\n');
        document.plot().ifPresent(file -> text.append("\nwritten: ").append(file));
        return text.append(
                        document.passed()
                                ? "\nwithin the limits"
                                : document.undecided()
                                        ? "\nundecided: a limit rests on too few items; give more facts, or a larger --neighbours"
                                        : "\nbeyond a limit; patch revert takes a patch off")
                .toString();
    }
}
