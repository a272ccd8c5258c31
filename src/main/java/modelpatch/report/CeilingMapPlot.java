package modelpatch.report;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import modelpatch.Numbers;
import modelpatch.evaluate.Estimate;
import modelpatch.locate.CeilingMap;

/** The ceiling map as two squares of cells, the darker the more becomes right. */
public final class CeilingMapPlot {
    private static final int CELL = 34;
    private static final int LEFT = 50;
    private static final int TOP = 60;
    private static final int GAP = 40;

    private final StringBuilder svg = new StringBuilder();
    private final CeilingMap map;

    private CeilingMapPlot(CeilingMap map) {
        this.map = map;
    }

    /** The map as an SVG document. */
    public static String svg(CeilingMap map) {
        CeilingMapPlot plot = new CeilingMapPlot(map);
        int side = CELL * map.blocks().size();
        int width = LEFT + 2 * side + GAP + LEFT;
        int height = TOP + side + 40;
        plot.svg.append(Numbers.format("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
                <rect width="%d" height="%d" fill="white"/>
                """, width, height, width, height));
        plot.square(LEFT, "correction, %, of " + map.cases() + " failures", CeilingMap.Cell::correction);
        plot.square(
                LEFT + side + GAP,
                "generalisation, %, of " + map.items() + " other questions",
                CeilingMap.Cell::generalisation);
        plot.text(
                LEFT,
                20,
                "start",
                "bridge's state put in at the end of the first hops' phrase; rows: block that it is taken after, columns: put in after");
        return plot.svg.append("</svg>\n").toString();
    }

    private void square(int left, String title, Function<CeilingMap.Cell, Estimate> of) {
        List<Integer> blocks = map.blocks();
        text(left, TOP - 18, "start", title);
        for (int row = 0; row < blocks.size(); row++) {
            text(left - 4, TOP + CELL * row + CELL / 2 + 4, "end", "L" + blocks.get(row));
            text(left + CELL * row + CELL / 2, TOP - 4, "middle", "L" + blocks.get(row));
            for (int column = 0; column < blocks.size(); column++) {
                cell(left + CELL * column, TOP + CELL * row, of.apply(map.at(blocks.get(row), blocks.get(column))));
            }
        }
    }

    private void cell(int x, int y, Estimate rate) {
        OptionalDouble share = rate.value();
        long shade = Math.round(255 - 150 * share.orElse(0));
        svg.append(Numbers.format(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"rgb(%d,%d,255)\" stroke=\"white\"/>\n",
                x, y, CELL, CELL, shade, shade));
        text(
                x + CELL / 2,
                y + CELL / 2 + 4,
                "middle",
                share.isEmpty() ? "-" : Numbers.decimal(100 * share.getAsDouble(), 0));
    }

    private void text(int x, int y, String anchor, String words) {
        svg.append(Numbers.format("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words));
    }
}
