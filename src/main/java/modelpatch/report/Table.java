package modelpatch.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import modelpatch.Visible;

/**
 * A plain text table: a header, a rule, rows. A column is as wide as its widest cell; columns whose header ends in {@code >} stand to the
 * right, as numbers do. Lines never end in blanks.
 */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> headers = new ArrayList<>();
    private final List<Boolean> right = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    private Table() {}

    /**
     * A table with these columns and no rows yet.
     *
     * @param headers one per column; a trailing {@code >} is not printed and sets the column to the right
     * @throws IllegalArgumentException for a column without a name: whoever hears a table read aloud knows a cell by its column's name
     */
    public static Table of(String... headers) {
        Table table = new Table();
        for (String header : headers) {
            boolean toTheRight = header.endsWith(">");
            String name = toTheRight ? header.substring(0, header.length() - 1) : header;
            if (name.isBlank()) {
                throw new IllegalArgumentException("a column without a name");
            }
            table.headers.add(name);
            table.right.add(toTheRight);
        }
        return table;
    }

    /**
     * Adds a row and returns this table.
     *
     * @throws IllegalArgumentException when the number of cells is not the number of columns
     */
    public Table row(Object... cells) {
        if (cells.length != headers.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headers.size() + " columns");
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(Visible.line(String.valueOf(cell)));
        }
        rows.add(Collections.unmodifiableList(row));
        return this;
    }

    @Override
    public String toString() {
        int[] widths = new int[headers.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = width(headers.get(column));
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
            }
        }
        StringBuilder text = new StringBuilder();
        append(text, headers, widths);
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
            rule.add("-".repeat(width));
        }
        append(text.append('\n'), rule, widths);
        for (List<String> row : rows) {
            append(text.append('\n'), row, widths);
        }
        return text.toString();
    }

    private void append(StringBuilder text, List<String> cells, int[] widths) {
        int start = text.length();
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - width(cell));
            text.append(column == 0 ? "" : GAP).append(right.get(column) ? padding + cell : cell + padding);
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
