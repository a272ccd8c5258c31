package modelpatch.cases;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * How the cells of a tab-separated table are written: as they are, or quoted as programs quote cells of CSV files.
 *
 * @param allQuoted whether the writer quoted every cell, whatever is in it
 */
record TsvCells(boolean allQuoted) {
    /** In quotes, with every quote inside doubled. */
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"]|\"\")*\"");

    /** What a program that quotes as little as it can quotes for: quotes, and commas, since some spreadsheets know no tabs there. */
    private static final Pattern NEEDS_QUOTES = Pattern.compile(".*(?:\"\"|,).*");

    private static final Pattern SPACES = Pattern.compile("\\p{Zs}+");

    /** Marks that nobody sees and that keep equal names from being equal; joiners, which some scripts need, stay. */
    private static final Pattern UNSEEN = Pattern.compile("[\\u00AD\\u200B\\u200E\\u200F\\u2060\\uFEFF]");

    /** What no name holds: control characters, ends of lines, and what stands where a conversion lost a character. */
    private static final Pattern FORBIDDEN = Pattern.compile("[\\p{Cntrl}\\x{80}-\\x{9F}\\u2028\\u2029\\uFFFD]");

    /** The writer's way, told by the header or by every line. */
    static TsvCells of(List<String> lines) {
        List<List<String>> rows = lines.stream()
                .filter(line -> !line.isBlank())
                .map(TsvCells::raw)
                .toList();
        boolean header = !rows.isEmpty() && allQuoted(rows.get(0));
        boolean body = rows.size() > 1 && rows.stream().skip(1).allMatch(TsvCells::allQuoted);
        return new TsvCells(header || body);
    }

    private static boolean allQuoted(List<String> cells) {
        return cells.stream().anyMatch(cell -> !cell.isEmpty())
                && cells.stream()
                        .allMatch(cell -> cell.isEmpty() || QUOTED.matcher(cell).matches());
    }

    private static List<String> raw(String line) {
        return Arrays.stream(line.split("\t", -1)).map(String::strip).toList();
    }

    /** The cells of a line as they are meant: without the writer's quotes, in Unicode NFC, one space for any spaces. */
    List<String> of(String line) {
        return raw(line).stream().map(this::meant).toList();
    }

    private String meant(String cell) {
        boolean quoted = QUOTED.matcher(cell).matches()
                && (allQuoted
                        || cell.length() == 2
                        || NEEDS_QUOTES
                                .matcher(cell.substring(1, cell.length() - 1))
                                .matches());
        String said = quoted ? cell.substring(1, cell.length() - 1).replace("\"\"", "\"") : cell;
        String seen = UNSEEN.matcher(said).replaceAll("");
        return Normalizer.normalize(SPACES.matcher(seen).replaceAll(" ").strip(), Normalizer.Form.NFC);
    }

    /** Index of the first cell that begins with a quote which it does not close, so that the cell goes on behind a tab or on the next line. */
    static Optional<Integer> open(String line) {
        List<String> cells = raw(line);
        return IntStream.range(0, cells.size())
                .boxed()
                .filter(i -> cells.get(i).startsWith("\"")
                        && cells.get(i).chars().filter(c -> c == '"').count() % 2 == 1)
                .findFirst();
    }

    /** The first character of a cell that no name holds. */
    static Optional<String> forbidden(String cell) {
        return FORBIDDEN.matcher(cell).results().map(found -> found.group()).findFirst();
    }
}
