package modelpatch.cases;

import java.util.List;

/**
 * A subject and relation for which a fact table names more than one object, so that no single answer is right. The pair is never used
 * as a hop.
 *
 * @param objects the different objects, in the order in which the table names them
 * @param lines the lines of the file that name them, 1-based, parallel to {@code objects}; empty for facts that came from no file
 */
public record Ambiguity(String subject, String relation, List<String> objects, List<Integer> lines) {
    public Ambiguity {
        objects = List.copyOf(objects);
        lines = List.copyOf(lines);
    }

    @Override
    public String toString() {
        String where = lines.isEmpty()
                ? ""
                : " (lines "
                        + String.join(", ", lines.stream().map(String::valueOf).toList()) + ")";
        return subject + " " + relation + ": " + String.join(" | ", objects) + where;
    }
}
