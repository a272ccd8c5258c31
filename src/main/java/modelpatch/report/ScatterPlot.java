package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;

/** Two shares of each of a few things: a dot with both of Wilson's intervals as lines, named beside it. */
final class ScatterPlot {
    private static final int SIZE = 360;
    private static final int LEFT = 56;
    private static final int TOP = 16;
    private static final int BELOW = 44;
    private static final int NAMES = 150;
    private static final int LINE = 14;
    private static final int WIDE = 7;

    private ScatterPlot() {}

    /**
     * One thing.
     *
     * @param x of something
     * @param y of something
     */
    record Dot(String name, Tally x, Tally y) {}

    /** Both axes from 0 to 100 per cent. */
    static String of(String xAxis, String yAxis, List<Dot> dots) {
        StringBuilder svg = Chart.start(LEFT + SIZE + NAMES, TOP + SIZE + BELOW);
        for (int tick = 0; tick <= 100; tick += 20) {
            svg.append(line("rule", x(tick), TOP, x(tick), TOP + SIZE))
                    .append(line("rule", LEFT, y(tick), LEFT + SIZE, y(tick)));
            Chart.text(svg, "quiet", "middle", x(tick), TOP + SIZE + 16, String.valueOf(tick));
            Chart.text(svg, "quiet", "end", LEFT - 6, y(tick) + 4, String.valueOf(tick));
        }
        Chart.text(svg, "quiet", "middle", LEFT + SIZE / 2.0, TOP + SIZE + 36, xAxis);
        svg.append(Numbers.format("<g transform=\"rotate(-90 14 %d)\">", TOP + SIZE / 2));
        Chart.text(svg, "quiet", "middle", 14, TOP + SIZE / 2.0, yAxis);
        svg.append("</g>\n");
        List<double[]> named = new ArrayList<>();
        for (Dot dot : dots) {
            double x = x(100 * dot.x().rate().orElseThrow());
            double y = y(100 * dot.y().rate().orElseThrow());
            Interval across = dot.x().wilson().orElseThrow();
            Interval up = dot.y().wilson().orElseThrow();
            svg.append("<g><title>")
                    .append(Page.escaped(
                            dot.name() + ": " + dot.x().share() + "; " + dot.y().share()))
                    .append("</title>")
                    .append(line("whisker", x(100 * across.low()), y, x(100 * across.high()), y))
                    .append(line("whisker", x, y(100 * up.low()), x, y(100 * up.high())))
                    .append(Numbers.format("<circle class=\"up\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/></g>%n", x, y));
            Chart.text(svg, "ink", "start", x + 7, free(named, x + 7, y - 6, dot.name()), dot.name());
        }
        return svg.append("</svg>\n").toString();
    }

    /** The height of a name, lower where others stand in its way; it is noted among them. */
    private static double free(List<double[]> named, double x, double y, String name) {
        double width = WIDE * name.length();
        double height = y;
        for (int i = 0; i < named.size(); i++) {
            double[] other = named.get(i);
            if (Math.abs(other[1] - height) < LINE && x < other[0] + other[2] && other[0] < x + width) {
                height = other[1] + LINE;
                i = -1;
            }
        }
        named.add(new double[] {x, height, width});
        return height;
    }

    private static double x(double percent) {
        return LEFT + SIZE * percent / 100;
    }

    private static double y(double percent) {
        return TOP + SIZE * (1 - percent / 100);
    }

    private static String line(String style, double x1, double y1, double x2, double y2) {
        return Numbers.format(
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", style, x1, y1, x2, y2);
    }
}
