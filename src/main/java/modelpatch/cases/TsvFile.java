package modelpatch.cases;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.document.TextFile;

/**
 * Tables of tab-separated cells with a header. Quotes mean nothing, blank lines are passed over, cells are trimmed and brought to
 * Unicode NFC.
 */
final class TsvFile {
    private final Path file;
    private final List<String> required;
    private final List<String> optional;

    private TsvFile(Path file, List<String> required, List<String> optional) {
        this.file = file;
        this.required = required;
        this.optional = optional;
    }

    /** One line below the header: its cells by column name. */
    record Row(Path file, int line, Map<String, String> cells, List<String> header) {
        /** The cell of a column; empty where the file lacks an optional column. */
        String cell(String column) {
            return cells.getOrDefault(column, "");
        }

        /** The parts of a cell that separates them by {@code |}; empty parts are dropped. */
        List<String> list(String column) {
            return Arrays.stream(cell(column).split("\\|"))
                    .map(String::strip)
                    .filter(part -> !part.isEmpty())
                    .distinct()
                    .toList();
        }

        /** {@code file:line:column}, columns counted in cells from 1. */
        String where(String column) {
            return file + ":" + line + ":" + (header.indexOf(column) + 1) + " (" + column + ")";
        }
    }

    /** Every row. A required cell is never empty; no other columns than those named are there. */
    static List<Row> read(Path file, List<String> required, List<String> optional) {
        return new TsvFile(file, required, optional).rows();
    }

    private List<Row> rows() {
        List<String> lines = TextFile.read(file).lines().toList();
        List<String> header = header(lines.isEmpty() ? "" : lines.get(0));
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                rows.add(row(i + 1, lines.get(i), header));
            }
        }
        return rows;
    }

    private List<String> header(String line) {
        List<String> header = cells(line);
        String expected = "a header line with the columns " + String.join(", ", required)
                + (optional.isEmpty() ? "" : " and optionally " + String.join(", ", optional)) + ", separated by tabs";
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < header.size(); i++) {
            String column = header.get(i);
            String where = file + ":1:" + (i + 1);
            if (!seen.add(column)) {
                throw new BadInput(
                        "duplicate column", where, expected, "'" + column + "' again", "name each column once");
            }
            if (!required.contains(column) && !optional.contains(column)) {
                throw new BadInput(
                        "unknown column", where, expected, "'" + column + "'", "name the columns in the first line");
            }
        }
        for (String column : required) {
            if (!seen.contains(column)) {
                throw new BadInput(
                        "missing column",
                        file + ":1",
                        expected,
                        "no column " + column,
                        "name the columns in the first line");
            }
        }
        return header;
    }

    private Row row(int number, String line, List<String> header) {
        List<String> cells = cells(line);
        if (cells.size() != header.size()) {
            throw new BadInput(
                    "wrong number of cells",
                    file + ":" + number + ":" + Math.min(cells.size(), header.size() + 1),
                    header.size() + " cells separated by tabs (" + String.join(", ", header) + ")",
                    cells.size() + " cells",
                    "give every column one cell, empty where it is optional");
        }
        Map<String, String> byColumn = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            byColumn.put(header.get(i), cells.get(i));
        }
        Row row = new Row(file, number, byColumn, header);
        for (String column : required) {
            if (row.cell(column).isEmpty()) {
                throw new BadInput(
                        "empty cell", row.where(column), "a " + column, "nothing", "fill the cell or remove the line");
            }
        }
        return row;
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.split("\t", -1))
                .map(cell -> Normalizer.normalize(cell.strip(), Normalizer.Form.NFC))
                .toList();
    }
}
