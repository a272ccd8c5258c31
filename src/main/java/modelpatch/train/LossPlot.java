package modelpatch.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import modelpatch.Numbers;
import modelpatch.model.DecoderTraining.Losses;

/** Draws a run as SVG: losses by step on a logarithmic scale above, what the exams found below. */
final class LossPlot {
    private static final int LEFT = 60;
    private static final int WIDTH = 620;
    private static final int TOP = 30;
    private static final int HEIGHT = 200;
    private static final int BELOW = 290;
    private static final int POINTS = 200;
    private static final double LEAST = 1e-4;

    private final StringBuilder svg = new StringBuilder();
    private final int steps;

    private LossPlot(int steps) {
        this.steps = Math.max(1, steps);
    }

    static String svg(TrainingHistory history) {
        LossPlot plot = new LossPlot(history.losses().size());
        plot.draw(history);
        return plot.svg.toString();
    }

    private void draw(TrainingHistory history) {
        svg.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 540\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.append("<rect width=\"720\" height=\"540\" fill=\"white\"/>\n");
        text(LEFT, TOP - 10, "start", "black", "Loss in nats by step (means over " + every(history) + " steps)");
        frame(TOP);
        for (int power = -4; power <= 1; power++) {
            double y = y(TOP, logarithmic(Math.pow(10, power)));
            line(LEFT, y, LEFT + WIDTH, y, "#dddddd");
            text(
                    LEFT - 6,
                    y + 4,
                    "end",
                    "black",
                    power >= 0 ? String.valueOf((int) Math.pow(10, power)) : "1e" + power);
        }
        curve(history, Losses::answer, "#1b6ca8");
        curve(history, Losses::auxiliary, "#c8553d");
        text(LEFT + WIDTH - 6, TOP + 16, "end", "#1b6ca8", "answers");
        text(LEFT + WIDTH - 6, TOP + 32, "end", "#c8553d", "auxiliary (bridge by the lens)");

        text(LEFT, BELOW - 10, "start", "black", "Exams: shares of what was asked");
        frame(BELOW);
        for (int tenth = 0; tenth <= 10; tenth += 2) {
            double y = y(BELOW, tenth / 10.0);
            line(LEFT, y, LEFT + WIDTH, y, "#dddddd");
            text(LEFT - 6, y + 4, "end", "black", tenth * 10 + " %");
        }
        exams(history, Exam::singles, "#1b6ca8");
        exams(history, Exam::taught, "#3b8c4d");
        exams(history, exam -> exam.gap().orElse(Double.NaN), "#c8553d");
        text(LEFT + WIDTH - 6, BELOW + HEIGHT - 42, "end", "#1b6ca8", "single facts known");
        text(LEFT + WIDTH - 6, BELOW + HEIGHT - 26, "end", "#3b8c4d", "taught compositions known");
        text(LEFT + WIDTH - 6, BELOW + HEIGHT - 10, "end", "#c8553d", "gap on held-out compositions");
        for (int quarter = 0; quarter <= 4; quarter++) {
            text(
                    LEFT + WIDTH * quarter / 4.0,
                    BELOW + HEIGHT + 18,
                    "middle",
                    "black",
                    String.valueOf(steps * quarter / 4));
        }
        svg.append("</svg>\n");
    }

    private static int every(TrainingHistory history) {
        return Math.max(1, history.losses().size() / POINTS);
    }

    private void curve(TrainingHistory history, ToDoubleFunction<Losses> loss, String colour) {
        int every = every(history);
        List<Losses> means = TrainingRecord.means(history.losses(), every);
        List<double[]> points = new ArrayList<>();
        for (int i = 0; i < means.size(); i++) {
            double step = Math.min((i + 0.5) * every, steps);
            points.add(new double[] {x(step), y(TOP, logarithmic(loss.applyAsDouble(means.get(i))))});
        }
        polyline(points, colour);
    }

    private void exams(TrainingHistory history, ToDoubleFunction<Exam> share, String colour) {
        List<double[]> points = new ArrayList<>();
        for (TrainingHistory.Sitting sitting : history.exams()) {
            double value = share.applyAsDouble(sitting.exam());
            if (!Double.isNaN(value)) {
                points.add(new double[] {x(sitting.step()), y(BELOW, value)});
            }
        }
        polyline(points, colour);
        points.forEach(point -> svg.append(
                Numbers.format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", point[0], point[1], colour)));
    }

    /** A loss on [1e-4, 10] as a share of the height. */
    private static double logarithmic(double loss) {
        double exponent = Math.log10(Math.max(LEAST, Math.min(10, loss)));
        return (exponent + 4) / 5;
    }

    private double x(double step) {
        return LEFT + WIDTH * step / steps;
    }

    private static double y(int top, double share) {
        return top + HEIGHT * (1 - share);
    }

    private void frame(int top) {
        svg.append(Numbers.format(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"black\"/>\n",
                LEFT, top, WIDTH, HEIGHT));
    }

    private void line(double x1, double y1, double x2, double y2, String colour) {
        svg.append(Numbers.format(
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2, colour));
    }

    private void polyline(List<double[]> points, String colour) {
        svg.append("<polyline fill=\"none\" stroke=\"").append(colour).append("\" points=\"");
        points.forEach(point -> svg.append(Numbers.format("%.1f,%.1f ", point[0], point[1])));
        svg.append("\"/>\n");
    }

    private void text(double x, double y, String anchor, String colour, String words) {
        svg.append(Numbers.format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", x, y, anchor, colour, words));
    }
}
