package modelpatch.report;

import java.util.List;
import java.util.Optional;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;

/** Figures as whole SVG documents that follow the reader's choice of light or dark. */
final class Chart {
    private static final String STYLE = """
            <style>
            .ink { fill: #16191d; } .quiet { fill: #4a525c; } .rule { stroke: #c9ced6; } .up { fill: #0b4a8f; stroke: #0b4a8f; }
            .down { fill: #8a3b00; stroke: #8a3b00; } .whisker { stroke: #4a525c; stroke-width: 1.5; } .none { fill: #eceff3; }
            @media (prefers-color-scheme: dark) {
            .ink { fill: #e8eaed; } .quiet { fill: #b4bcc6; } .rule { stroke: #4b545f; } .up { fill: #8fc1f5; stroke: #8fc1f5; }
            .down { fill: #f0ab78; stroke: #f0ab78; } .whisker { stroke: #b4bcc6; } .none { fill: #262c33; }
            }
            </style>
            """;
    private static final int ROW = 22;
    private static final int TOP = 10;
    private static final int AXIS = 34;
    private static final int PLOT = 420;
    private static final int TEXT = 7;

    private Chart() {}

    /**
     * A value with its interval.
     *
     * @param note printed at the end of the row
     */
    record Row(String label, double value, Optional<Interval> interval, String note) {}

    /** One row for each value: a dot on a common axis that holds 0, with its interval as a line. */
    static String intervals(String axis, List<Row> rows) {
        int left = 12
                + TEXT
                        * rows.stream()
                                .mapToInt(row -> row.label().length())
                                .max()
                                .orElse(0);
        int right = 24
                + TEXT
                        * rows.stream()
                                .mapToInt(row -> row.note().length())
                                .max()
                                .orElse(0);
        double low = 0;
        double high = 0;
        for (Row row : rows) {
            low = Math.min(low, row.interval().map(Interval::low).orElse(row.value()));
            high = Math.max(high, row.interval().map(Interval::high).orElse(row.value()));
        }
        double step = step(high > low ? high - low : 1);
        low = step * Math.floor(low / step);
        double span = Math.max(step, step * Math.ceil(high / step) - low);
        int height = TOP + rows.size() * ROW + AXIS;
        StringBuilder svg = start(left + PLOT + right, height);
        for (int tick = 0; tick * step <= span * 1.001; tick++) {
            double x = left + PLOT * tick * step / span;
            svg.append(Numbers.format(
                    "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>%n",
                    Math.abs(low + tick * step) < step / 2 ? "whisker" : "rule", x, TOP, x, height - AXIS));
            text(svg, "quiet", "middle", x, height - AXIS + 14, tick(low + tick * step, step));
        }
        text(svg, "quiet", "middle", left + PLOT / 2.0, height - 4, axis);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            double y = TOP + ROW * (i + 0.5);
            double from = low;
            double scale = PLOT / span;
            text(svg, "ink", "end", left - 8, y + 4, row.label());
            row.interval()
                    .ifPresent(interval -> svg.append(Numbers.format(
                            "<line class=\"whisker\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                            left + (interval.low() - from) * scale, y, left + (interval.high() - from) * scale, y)));
            svg.append(Numbers.format(
                    "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>%n",
                    row.value() < 0 ? "down" : "up", left + (row.value() - from) * scale, y));
            text(svg, "quiet", "start", left + PLOT + 12, y + 4, row.note());
        }
        return svg.append("</svg>\n").toString();
    }

    /** A round number that a span holds four to ten times. */
    private static double step(double span) {
        double power = Math.pow(10, Math.floor(Math.log10(span)));
        double times = span / power;
        return times < 2 ? power / 5 : times < 5 ? power / 2 : power;
    }

    private static String tick(double value, double step) {
        int decimals = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
        return Numbers.decimal(Math.rint(value / step) * step + 0.0, decimals);
    }

    /**
     * A cell of a grid.
     *
     * @param clear whether its interval leaves 0 out, drawn with a frame
     * @param title what a pointer over it reads
     */
    record Cell(double value, boolean clear, String title) {}

    /** Cells layer by layer, the lowest layer below: the stronger the colour, the larger the value. */
    static String grid(String columns, List<List<Cell>> layers) {
        int size = 20;
        int left = 44;
        int most = layers.stream().mapToInt(List::size).max().orElse(0);
        double largest = layers.stream()
                .flatMap(List::stream)
                .mapToDouble(cell -> Math.abs(cell.value()))
                .max()
                .orElse(1);
        StringBuilder svg = start(Math.max(left + most * size + 12, 220), layers.size() * size + AXIS + TOP);
        for (int layer = 0; layer < layers.size(); layer++) {
            int y = TOP + (layers.size() - 1 - layer) * size;
            text(svg, "quiet", "end", left - 8, y + 14, "L" + layer);
            for (int column = 0; column < layers.get(layer).size(); column++) {
                Cell cell = layers.get(layer).get(column);
                double share = largest > 0 ? Math.abs(cell.value()) / largest : 0;
                int x = left + column * size;
                svg.append(Numbers.format(
                        "<g><title>%s</title><rect class=\"none\" x=\"%d\" y=\"%d\" width=\"18\" height=\"18\"/>"
                                + "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"18\" height=\"18\" fill-opacity=\"%.2f\""
                                + " stroke-width=\"%d\"/></g>%n",
                        Page.escaped(cell.title()),
                        x,
                        y,
                        cell.value() < 0 ? "down" : "up",
                        x,
                        y,
                        share,
                        cell.clear() ? 2 : 0));
            }
        }
        int y = TOP + layers.size() * size + 16;
        for (int column = 0; column < most; column += most > 16 ? 4 : 1) {
            text(svg, "quiet", "middle", left + column * size + 9, y, String.valueOf(column));
        }
        text(svg, "quiet", "start", left, y + 16, columns);
        return svg.append("</svg>\n").toString();
    }

    static StringBuilder start(int width, int height) {
        return new StringBuilder(Numbers.format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                                + " font-family=\"system-ui, sans-serif\" font-size=\"12\">%n",
                        width, height, width, height))
                .append(STYLE);
    }

    static void text(StringBuilder svg, String style, String anchor, double x, double y, String text) {
        svg.append(Numbers.format(
                "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
                style, anchor, x, y, Page.escaped(text)));
    }
}
