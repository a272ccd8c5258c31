package modelpatch.report;

import java.util.List;
import modelpatch.Numbers;
import modelpatch.evaluate.Against;

/** Remedies against each other, for a reader. */
final class AgainstTable {
    private AgainstTable() {}

    static Table of(List<Against> pairs) {
        Table table = Table.of("against each other", "only the first>", "only the second>", "p>");
        pairs.forEach(one -> table.row(
                one.one() + " / " + one.other(), one.onlyOne(), one.onlyOther(), Numbers.format("%.2g", one.pValue())));
        return table;
    }
}
