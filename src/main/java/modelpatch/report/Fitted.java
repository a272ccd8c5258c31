package modelpatch.report;

import java.util.ArrayList;
import java.util.List;

/** Text fitted to the columns of a terminal: a {@link Table} that is too wide has its widest column wrapped between words, never within one. */
public final class Fitted {
    private static final int NARROWEST = 12;

    private Fitted() {}

    /** The text with every table in at most so many columns, as far as its words allow. */
    public static String text(String text, int width) {
        List<String> lines = text.lines().toList();
        List<String> fitted = new ArrayList<>();
        int line = 0;
        while (line < lines.size()) {
            int end = PageText.tableEnd(lines, line);
            if (end > line) {
                fitted.addAll(table(lines.subList(line, end), width));
                line = end;
            } else {
                fitted.add(lines.get(line++));
            }
        }
        return String.join("\n", fitted);
    }

    private static List<String> table(List<String> lines, int width) {
        List<int[]> columns = PageText.columns(lines.get(1));
        int all = lines.stream().mapToInt(String::length).max().orElse(0);
        int widest = 0;
        for (int i = 0; i < columns.size(); i++) {
            widest = size(columns.get(i)) > size(columns.get(widest)) ? i : widest;
        }
        int left = size(columns.get(widest)) - (all - width);
        if (all <= width || left < NARROWEST) {
            return lines;
        }
        int from = columns.get(widest)[0];
        int to = columns.get(widest)[1];
        List<String> fitted = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String padded =
                    lines.get(i) + " ".repeat(Math.max(0, to - lines.get(i).length()));
            String before = padded.substring(0, from);
            String after = padded.substring(to);
            List<String> parts = i == 1
                    ? List.of("-".repeat(left))
                    : wrapped(padded.substring(from, to).strip(), left);
            for (int part = 0; part < parts.size(); part++) {
                String cell = parts.get(part)
                        + " ".repeat(Math.max(0, left - parts.get(part).length()));
                String around = part == 0 ? before + cell + after : " ".repeat(from) + cell;
                fitted.add(around.stripTrailing());
            }
        }
        return fitted;
    }

    private static int size(int[] column) {
        return column[1] - column[0];
    }

    private static List<String> wrapped(String cell, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : cell.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
