package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;
import modelpatch.report.TrendPlot.Panel;
import modelpatch.report.TrendPlot.Series;
import modelpatch.thinking.CkaReport;
import modelpatch.thinking.CkaReport.Against;
import modelpatch.thinking.CkaReport.Curve;
import modelpatch.thinking.CkaReport.Place;
import modelpatch.thinking.CkaReport.Point;
import modelpatch.thinking.CkaReport.Position;

/** Likeness of layers under fast and slow prompts, as tables and as curves. */
public final class CkaView {
    private CkaView() {}

    /** The residual stream in numbers, and where the curves part. */
    public static String text(CkaReport report) {
        StringBuilder text = new StringBuilder(EvaluationView.model(report.model()))
                .append(Numbers.format(
                        ", %d questions, slow %s, %s CKA", report.items(), report.slow(), report.estimator()))
                .append(report.dropped() > 0 ? ", without " + report.dropped() + " columns" : "")
                .append(report.zScored() ? ", columns scaled" : "");
        for (Position position : Position.values()) {
            text.append("\n\nfast against, residual stream, ")
                    .append(position.key())
                    .append('\n');
            text.append(table(report, position));
        }
        report.parting()
                .ifPresent(parting -> text.append(Numbers.format(
                                "\n\nthe curves part at layer %d, by %.3f below the lower control. Of %d questions that are wrong fast and"
                                        + " right\nafter the slow prompt, the answer comes first when the last token's state there is that of",
                                parting.layer(), parting.gap(), parting.asked()))
                        .append("\n  the slow prompt: ")
                        .append(parting.withSlow().share())
                        .append("; the format control: ")
                        .append(parting.withFormat().share())
                        .append("; the slow prompt, at layer ")
                        .append(parting.elsewhereLayer())
                        .append(": ")
                        .append(parting.elsewhere().share()));
        return text.toString();
    }

    private static Table table(CkaReport report, Position position) {
        Table table = Table.of("layer>", "slow>", "95 % interval", "told>", "paraphrase>", "format>", "permuted>");
        List<Point> slow = curve(report, Place.RESIDUAL, position, Against.SLOW);
        for (int i = 0; i < slow.size(); i++) {
            table.row(
                    slow.get(i).layer(),
                    Numbers.rate(slow.get(i).value()),
                    Interval.decimal(slow.get(i).interval()),
                    Numbers.rate(curve(report, Place.RESIDUAL, position, Against.TOLD)
                            .get(i)
                            .value()),
                    Numbers.rate(curve(report, Place.RESIDUAL, position, Against.PARAPHRASE)
                            .get(i)
                            .value()),
                    Numbers.rate(curve(report, Place.RESIDUAL, position, Against.FORMAT)
                            .get(i)
                            .value()),
                    Numbers.rate(curve(report, Place.RESIDUAL, position, Against.PERMUTED)
                            .get(i)
                            .value()));
        }
        return table;
    }

    /** Every site and position, a panel each, as an SVG document. */
    public static String svg(CkaReport report) {
        List<Panel> panels = new ArrayList<>();
        for (Place place : Place.values()) {
            for (Position position : Position.values()) {
                List<Series> series = new ArrayList<>();
                List<String> steps = new ArrayList<>();
                for (Against against : Against.values()) {
                    List<Point> points = curve(report, place, position, against);
                    if (steps.isEmpty()) {
                        points.forEach(point -> steps.add(String.valueOf(point.layer())));
                    }
                    series.add(new Series(
                            against.key(), points.stream().map(CkaView::shown).toList()));
                }
                panels.add(new Panel(
                        report.estimator() + " CKA, fast against, " + place.key() + ", " + position.key()
                                + ", by layer",
                        steps,
                        series,
                        OptionalDouble.empty()));
            }
        }
        return TrendPlot.svg(panels);
    }

    /** The axis begins at 0, where unlike representations lie but for their scatter. */
    private static OptionalDouble shown(Point point) {
        return point.value().isEmpty()
                ? point.value()
                : OptionalDouble.of(Math.max(0, point.value().getAsDouble()));
    }

    private static List<Point> curve(CkaReport report, Place place, Position position, Against against) {
        return report.curves().stream()
                .filter(curve -> curve.place() == place && curve.position() == position && curve.against() == against)
                .findFirst()
                .map(Curve::points)
                .orElseThrow();
    }
}
