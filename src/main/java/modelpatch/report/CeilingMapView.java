package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import modelpatch.Numbers;
import modelpatch.evaluate.Estimate;
import modelpatch.evaluate.Interval;
import modelpatch.locate.CeilingMap;

/** How far a repair could get, for people. */
public final class CeilingMapView {
    private CeilingMapView() {}

    /** The map as a table of correction and generalisation, and what is left of its best cell. */
    public static String text(CeilingMap map) {
        StringBuilder text = new StringBuilder();
        text.append(Numbers.format(
                "%d failures over %d bridges, %d other questions about them; %d failures left out, because their guide is not right at the token that is read\n\n",
                map.cases(), map.bridges(), map.items(), map.unread()));
        text.append("The guide's state at the bridge, put in at the end of the first hops' phrase:\n")
                .append(
                        "correction / generalisation in %, by the block that it is taken after (rows) and put in after (columns)\n\n")
                .append(grid(map))
                .append("\n\nThe guide's state at its last token, put in at the last token after the same block:\n\n")
                .append(last(map));
        map.crossFitted()
                .ifPresent(fit -> text.append("\n\nchosen on half of the bridges, read on the other (")
                        .append(place(fit.first()))
                        .append(", ")
                        .append(place(fit.second()))
                        .append("): correction ")
                        .append(rate(fit.correction()))
                        .append(", generalisation ")
                        .append(rate(fit.generalisation())));
        return text.toString();
    }

    private static Table grid(CeilingMap map) {
        List<String> headers = new ArrayList<>(List.of("taken after"));
        map.blocks().forEach(block -> headers.add("L" + block + ">"));
        Table table = Table.of(headers.toArray(String[]::new));
        for (int source : map.blocks()) {
            List<Object> row = new ArrayList<>(List.of("L" + source));
            map.blocks().forEach(target -> row.add(both(map.at(source, target))));
            table.row(row.toArray());
        }
        return table;
    }

    private static Table last(CeilingMap map) {
        Table table = Table.of("block", "correction>", "generalisation>");
        map.last()
                .forEach(cell -> table.row("L" + cell.target(), rate(cell.correction()), rate(cell.generalisation())));
        return table;
    }

    private static String both(CeilingMap.Cell cell) {
        return whole(cell.correction()) + "/" + whole(cell.generalisation());
    }

    private static String whole(Estimate rate) {
        return rate.value().isEmpty() ? "-" : Numbers.decimal(100 * rate.value().getAsDouble(), 0);
    }

    private static String place(CeilingMap.Cell cell) {
        return "L" + cell.source() + " to L" + cell.target();
    }

    private static String rate(Estimate rate) {
        return Numbers.percent(rate.value()) + " " + Interval.percent(rate.interval()) + " of " + rate.n();
    }
}
