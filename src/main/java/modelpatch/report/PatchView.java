package modelpatch.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import modelpatch.Numbers;
import modelpatch.Visible;
import modelpatch.patch.EditedTensor;
import modelpatch.patch.PatchGeometry;
import modelpatch.patch.WeightPatch;

/** A patch in words and numbers. */
public final class PatchView {
    private PatchView() {}

    /** What it changes and why, by whom, and what was proved, without a final newline. */
    public static String text(WeightPatch found) {
        List<PatchGeometry> geometry =
                found.deltas().stream().map(PatchGeometry::of).toList();
        var provenance = found.provenance();
        StringBuilder text = new StringBuilder();
        text.append(Visible.line(found.toString()))
                .append('\n')
                .append("id ")
                .append(found.id())
                .append("\n\n");
        text.append("It changes ")
                .append(found.tensors().size())
                .append(" tensors of ")
                .append(Visible.line(found.baseName()))
                .append(" by ")
                .append(found.parameters())
                .append(" numbers, so that the model composes ")
                .append(provenance.cases().size())
                .append(" more cases: ")
                .append(Visible.line(
                        String.join(", ", provenance.cases().stream().limit(5).toList())))
                .append(provenance.cases().size() > 5 ? " ..." : "")
                .append(".\n");
        text.append("Made by ")
                .append(Visible.line(provenance.author()))
                .append(" at ")
                .append(provenance.time())
                .append(": ")
                .append(Visible.line(provenance.reason()))
                .append(".\n");
        text.append("Approver: ")
                .append(Visible.line(provenance.approver().orElse("none named")))
                .append("; expires: ")
                .append(provenance.expires().map(String::valueOf).orElse("never"))
                .append("; signatures: ")
                .append(found.signatures().size())
                .append(".\n");
        text.append("Gates: ")
                .append(provenance.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        text.append(
                found.parents().isEmpty()
                        ? "; made on the bare base.\n"
                        : "; made on top of " + found.parents() + ".\n");
        Table table = Table.of(
                "tensor", "stored as", "rank>", "|dW|>", "largest singular value>", "effective rank>", "inputs>");
        for (int i = 0; i < geometry.size(); i++) {
            EditedTensor tensor = found.tensors().get(i);
            PatchGeometry one = geometry.get(i);
            table.row(
                    tensor.name(),
                    tensor.kind() + " " + tensor.shape(),
                    one.rank(),
                    Numbers.size(one.norm()),
                    Numbers.size(one.largestSingularValue()),
                    Numbers.size(one.effectiveRank()),
                    one.columns());
        }
        text.append('\n').append(table).append('\n');
        JsonNode sets = provenance.evidence().path("sets");
        if (sets.isObject()) {
            text.append("\nproved on test templates (")
                    .append(Visible.line(provenance.evidence().path("protocol").asText()))
                    .append("):\n");
            Table proved = Table.of("set", "n11>", "n10>", "n01>", "n00>", "r_C>", "r_O>");
            List<String> names = new ArrayList<>();
            sets.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode set = sets.get(name);
                proved.row(
                        name.replace('_', ' '),
                        set.path("n11"),
                        set.path("n10"),
                        set.path("n01"),
                        set.path("n00"),
                        rate(set.path("r_C")),
                        rate(set.path("r_O")));
            }
            text.append(proved).append('\n');
        }
        return text.toString().stripTrailing();
    }

    private static String rate(JsonNode rate) {
        return rate.isNumber() ? Numbers.decimal(rate.asDouble(), 3) : "n/a";
    }
}
