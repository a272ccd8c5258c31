package modelpatch.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;

/** Reads fact tables. */
final class FactFile {
    private static final List<String> REQUIRED = List.of("subject", "relation", "relation_label", "object");
    private static final List<String> OPTIONAL = List.of("aliases");

    private FactFile() {}

    static List<FactTable.Row> rows(Path tsv) {
        List<FactTable.Row> facts = new ArrayList<>();
        Map<String, TsvFile.Row> labels = new HashMap<>();
        for (TsvFile.Row row : TsvFile.read(tsv, REQUIRED, OPTIONAL)) {
            Fact fact = new Fact(
                    row.cell("subject"),
                    row.cell("relation"),
                    row.cell("relation_label"),
                    row.cell("object"),
                    row.list("aliases"));
            TsvFile.Row first = labels.putIfAbsent(fact.relation(), row);
            if (first != null && !first.cell("relation_label").equals(fact.relationLabel())) {
                throw new BadInput(
                        "two labels for relation " + fact.relation(),
                        row.where("relation_label"),
                        "'" + first.cell("relation_label") + "' as in line " + first.line(),
                        "'" + fact.relationLabel() + "'",
                        "give each relation one label");
            }
            facts.add(new FactTable.Row(row.line(), fact));
        }
        return facts;
    }

    static BadInput ambiguous(Path tsv, Ambiguity ambiguity) {
        return new BadInput(
                "ambiguous fact",
                tsv + ", lines "
                        + String.join(
                                " and ",
                                ambiguity.lines().stream().map(String::valueOf).toList()),
                "one object for " + ambiguity.subject() + " and " + ambiguity.relation(),
                String.join(" and ", ambiguity.objects()),
                "keep the one that is meant");
    }
}
