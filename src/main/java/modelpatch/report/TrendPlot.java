package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import modelpatch.Numbers;

/** Draws how numbers went from one step to the next: panels below one another, one SVG document. */
final class TrendPlot {
    private static final List<String> COLOURS =
            List.of("#1b6ca8", "#c8553d", "#3b8c4d", "#7a4fa3", "#a87b1b", "#4d4d4d");
    private static final int LEFT = 70;
    private static final int WIDTH = 560;
    private static final int HEIGHT = 150;
    private static final int GAP = 70;
    private static final int RIGHT = 190;

    private final StringBuilder svg = new StringBuilder();

    private TrendPlot() {}

    /**
     * One curve of the plot, with its name in the legend.
     *
     * @param values one per step; an empty one is a gap
     */
    record Series(String name, List<OptionalDouble> values) {
        public Series {
            values = List.copyOf(values);
        }
    }

    /**
     * Lines that share an axis.
     *
     * @param limit drawn as a dashed line, where there is one
     * @param steps names under the axis
     */
    record Panel(String title, List<String> steps, List<Series> series, OptionalDouble limit) {
        public Panel {
            steps = List.copyOf(steps);
            series = List.copyOf(series);
        }
    }

    /** The panels below each other, as an SVG document. */
    static String svg(List<Panel> panels) {
        TrendPlot plot = new TrendPlot();
        int height = GAP + panels.size() * (HEIGHT + GAP);
        plot.svg.append(Numbers.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n",
                LEFT + WIDTH + RIGHT, height));
        plot.svg.append(
                Numbers.format("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", LEFT + WIDTH + RIGHT, height));
        for (int i = 0; i < panels.size(); i++) {
            plot.panel(panels.get(i), 40 + i * (HEIGHT + GAP));
        }
        return plot.svg.append("</svg>\n").toString();
    }

    private void panel(Panel panel, int top) {
        double most = panel.limit().orElse(0);
        for (Series series : panel.series()) {
            for (OptionalDouble value : series.values()) {
                most = Math.max(most, value.orElse(0));
            }
        }
        most = most == 0 ? 1 : 1.1 * most;
        text(LEFT, top - 10, "start", "black", panel.title());
        svg.append(Numbers.format(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"black\"/>\n",
                LEFT, top, WIDTH, HEIGHT));
        for (int quarter = 0; quarter <= 4; quarter++) {
            double y = y(top, quarter / 4.0);
            text(LEFT - 6, y + 4, "end", "black", Numbers.format("%.3g", most * quarter / 4));
        }
        int every = Math.max(1, panel.steps().size() / 12);
        for (int step = 0; step < panel.steps().size(); step += every) {
            text(
                    x(step, panel.steps().size()),
                    top + HEIGHT + 14,
                    "middle",
                    "black",
                    panel.steps().get(step));
        }
        if (panel.limit().isPresent()) {
            double y = y(top, panel.limit().getAsDouble() / most);
            svg.append(Numbers.format(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"black\" stroke-dasharray=\"5 4\"/>\n",
                    LEFT, y, LEFT + WIDTH, y));
            text(LEFT + WIDTH - 4, y - 4, "end", "black", "limit");
        }
        for (int i = 0; i < panel.series().size(); i++) {
            Series series = panel.series().get(i);
            String colour = COLOURS.get(i % COLOURS.size());
            series(series, top, most, colour);
            text(LEFT + WIDTH + 8, top + 14 + 16 * i, "start", colour, series.name());
        }
    }

    private void series(Series series, int top, double most, String colour) {
        List<String> points = new ArrayList<>();
        int steps = series.values().size();
        for (int step = 0; step < steps; step++) {
            OptionalDouble value = series.values().get(step);
            if (value.isPresent()) {
                double x = x(step, steps);
                double y = y(top, value.getAsDouble() / most);
                points.add(Numbers.format("%.1f,%.1f", x, y));
                svg.append(Numbers.format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour));
            }
        }
        svg.append(Numbers.format(
                "<polyline fill=\"none\" stroke=\"%s\" points=\"%s\"/>\n", colour, String.join(" ", points)));
    }

    private static double x(int step, int steps) {
        return LEFT + WIDTH * (step + 0.5) / Math.max(1, steps);
    }

    private static double y(int top, double share) {
        return top + HEIGHT * (1 - share);
    }

    private void text(double x, double y, String anchor, String colour, String words) {
        String escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        svg.append(Numbers.format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n",
                x, y, anchor, colour, escaped));
    }
}
