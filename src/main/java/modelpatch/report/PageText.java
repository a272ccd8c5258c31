package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a command prints, as HTML: every {@link Table} in it becomes a table, the lines between them stay as they are. */
final class PageText {
    private static final Pattern RULE = Pattern.compile("-+( {2}-+)*");
    private static final Pattern COLUMN = Pattern.compile("-+");
    private static final Pattern NUMBER = Pattern.compile("[-+]?[\\d.,]+( ?%)?|n/a|");

    private PageText() {}

    static String html(String text) {
        List<String> lines = text.lines().toList();
        StringBuilder html = new StringBuilder();
        List<String> plain = new ArrayList<>();
        int line = 0;
        while (line < lines.size()) {
            int end = tableEnd(lines, line);
            if (end == line) {
                plain.add(lines.get(line++));
                continue;
            }
            flush(plain, html);
            html.append(table(lines.subList(line, end)));
            line = end;
        }
        flush(plain, html);
        return html.toString();
    }

    /** The line behind the table whose header a line is; the line itself where it is none. */
    static int tableEnd(List<String> lines, int line) {
        boolean table = line + 1 < lines.size()
                && !lines.get(line).isBlank()
                && RULE.matcher(lines.get(line + 1)).matches();
        if (!table) {
            return line;
        }
        int end = line + 2;
        while (end < lines.size() && !lines.get(end).isBlank()) {
            end++;
        }
        return lastThatFits(lines, line, end);
    }

    /** A line that has text where the columns have a gap is no row: it follows a table without a blank line. */
    private static int lastThatFits(List<String> lines, int first, int end) {
        List<int[]> columns = columns(lines.get(first + 1));
        for (int line = first + 2; line < end; line++) {
            String text = lines.get(line);
            for (int[] column : columns) {
                int gap = column[1];
                if (gap < text.length() && column != columns.get(columns.size() - 1) && !gapAt(text, gap)) {
                    return line;
                }
            }
        }
        return end;
    }

    private static boolean gapAt(String text, int from) {
        return text.substring(from, Math.min(text.length(), from + 2)).isBlank();
    }

    /** Where the columns of a table begin and end. */
    static List<int[]> columns(String rule) {
        List<int[]> columns = new ArrayList<>();
        Matcher column = COLUMN.matcher(rule);
        while (column.find()) {
            columns.add(new int[] {column.start(), column.end()});
        }
        return columns;
    }

    private static void flush(List<String> plain, StringBuilder html) {
        String text = String.join("\n", plain).strip();
        if (!text.isEmpty()) {
            html.append("<pre>").append(Page.escaped(text)).append("</pre>\n");
        }
        plain.clear();
    }

    private static String table(List<String> lines) {
        List<int[]> columns = columns(lines.get(1));
        StringBuilder html = new StringBuilder(
                "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"table\"><table>\n<thead>");
        html.append(row(lines.get(0), columns, "th")).append("</thead>\n<tbody>\n");
        lines.subList(2, lines.size())
                .forEach(line -> html.append(row(line, columns, "td")).append('\n'));
        return html.append("</tbody></table></div>\n").toString();
    }

    private static String row(String line, List<int[]> columns, String cell) {
        StringBuilder html = new StringBuilder("<tr>");
        for (int i = 0; i < columns.size(); i++) {
            int from = Math.min(line.length(), columns.get(i)[0]);
            boolean last = i == columns.size() - 1;
            int to = last ? line.length() : Math.min(line.length(), columns.get(i)[1]);
            String text = line.substring(from, Math.max(from, to)).strip();
            boolean number = NUMBER.matcher(text).matches() && cell.equals("td");
            html.append('<')
                    .append(cell)
                    .append(cell.equals("th") ? " scope=\"col\"" : number ? " class=\"number\"" : "")
                    .append('>')
                    .append(Page.escaped(text))
                    .append("</")
                    .append(cell)
                    .append('>');
        }
        return html.append("</tr>").toString();
    }
}
