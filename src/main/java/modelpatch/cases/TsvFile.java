package modelpatch.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.document.TextFile;

/**
 * Tables of tab-separated cells with a header. Blank lines are passed over, cells are trimmed and brought to Unicode NFC. Quotes belong to
 * a name, unless a program put them around it as CSV files have them ({@link TsvCells}).
 */
final class TsvFile {
    /** A list as Python or JSON prints it. */
    private static final Pattern LIST = Pattern.compile("\\[\\s*(?:['\"].*['\"])?\\s*]");

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
            if (LIST.matcher(cell(column)).matches()) {
                throw new BadInput(
                        "a list as a program prints it",
                        where(column),
                        "names separated by |",
                        cell(column),
                        "write them as one|another");
            }
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
        TsvCells cells = TsvCells.of(lines);
        List<String> header = header(lines.isEmpty() ? "" : lines.get(0), cells);
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                rows.add(row(i + 1, lines.get(i), cells, header));
            }
        }
        return rows;
    }

    private List<String> header(String line, TsvCells cells) {
        List<String> header = cells.of(line);
        requireTable(line, header);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < header.size(); i++) {
            String column = header.get(i);
            String where = file + ":1:" + (i + 1);
            if (column.isEmpty()) {
                throw new BadInput(
                        "column without a name",
                        where,
                        expected(),
                        "an empty name",
                        "remove the column; where it holds row numbers, write the table without its index");
            }
            if (!seen.add(column)) {
                throw new BadInput(
                        "duplicate column", where, expected(), "'" + column + "' again", "name each column once");
            }
            if (!required.contains(column) && !optional.contains(column)) {
                throw new BadInput(
                        "unknown column", where, expected(), "'" + column + "'", "name the columns in the first line");
            }
        }
        for (String column : required) {
            if (!seen.contains(column)) {
                throw new BadInput(
                        "missing column",
                        file + ":1",
                        expected(),
                        "no column " + column,
                        "name the columns in the first line");
            }
        }
        return header;
    }

    private String expected() {
        return "a header line with the columns " + String.join(", ", required)
                + (optional.isEmpty() ? "" : " and optionally " + String.join(", ", optional)) + ", separated by tabs";
    }

    /** Tells files of another form from tables with a wrong header. */
    private void requireTable(String line, List<String> header) {
        if (header.stream().anyMatch(column -> required.contains(column) || optional.contains(column))) {
            return;
        }
        String form = "";
        String remedy = "name the columns in the first line";
        if (line.isBlank()) {
            form = "an empty line";
        } else if (line.strip().startsWith("{") || line.strip().startsWith("[")) {
            form = "JSON";
            remedy = "suites and data sets as JSON are given by --suite";
        } else if (header.size() == 1 && Stream.of(",", ";", "|").anyMatch(mark -> named(line, mark))) {
            form = "columns separated by '"
                    + line.strip().replaceAll("[\\w\\s\"]", "").charAt(0) + "'";
            remedy = "save the table with tabs between its cells";
        } else if (header.stream().allMatch(column -> column.matches("\\d*"))) {
            form = "numbers";
        } else if (header.size() >= required.size()) {
            form = "a line of cells, beginning with '" + header.get(0) + "'";
        }
        if (!form.isEmpty()) {
            throw new BadInput("no header", file + ":1", expected(), form, remedy);
        }
    }

    /** Whether a line names columns between other marks than tabs. */
    private boolean named(String line, String mark) {
        return Arrays.stream(line.split(Pattern.quote(mark)))
                .map(cell -> cell.strip().replace("\"", ""))
                .anyMatch(required::contains);
    }

    private Row row(int number, String line, TsvCells written, List<String> header) {
        List<String> cells = written.of(line);
        if (cells.size() != header.size()) {
            TsvCells.open(line).ifPresent(open -> {
                throw new BadInput(
                        "a quote that its cell does not close",
                        file + ":" + number + ":" + (open + 1),
                        "cells without tabs and line ends inside",
                        "a quoted cell that goes on behind one",
                        "take tabs and line ends out of the names");
            });
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
        byColumn.forEach((column, cell) -> TsvCells.forbidden(cell).ifPresent(found -> {
            throw new BadInput(
                    found.equals("\uFFFD") ? "a character that was lost" : "control character",
                    row.where(column),
                    "text that can be read",
                    Numbers.format("U+%04X in '%s'", found.codePointAt(0), cell.replace(found, "?")),
                    "write the table again from where it came, as UTF-8");
        }));
        for (String column : required) {
            if (row.cell(column).isEmpty()) {
                throw new BadInput(
                        "empty cell", row.where(column), "a " + column, "nothing", "fill the cell or remove the line");
            }
        }
        return row;
    }
}
