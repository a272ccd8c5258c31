package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of facts as people and programs write them: read as they are meant, or refused in our words. */
class FactFormsTest {
    private static final String HEADER = "subject\trelation\trelation_label\tobject\n";

    /** Names that make programs quote. */
    private static final List<String> NAMES = List.of(
            "\"Heroes\"",
            "Per \"Bo\" Holm",
            "\"",
            "Washington, D.C.",
            "plain",
            "\"Weird Al\" Yankovic",
            "O'Neill",
            "a \"\" b");

    @TempDir
    private Path folder;

    /** Quotes as little as it must, as Python's csv module, pandas, R and most libraries do by default. */
    private static String asCsvWouldQuote(String name) {
        return name.contains("\"") ? '"' + name.replace("\"", "\"\"") + '"' : name;
    }

    /** Quotes commas too, as spreadsheets do in files with tabs. */
    private static String asSpreadsheetsQuote(String name) {
        return name.contains(",") ? '"' + name + '"' : asCsvWouldQuote(name);
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    @Test
    void namesAreReadBackWhateverQuotesAProgramPutAroundThem() throws IOException {
        String minimal = HEADER + rows(NAMES.stream().map(FactFormsTest::asCsvWouldQuote));
        String spreadsheet = HEADER + rows(NAMES.stream().map(FactFormsTest::asSpreadsheetsQuote));
        String all = "\"subject\"\t\"relation\"\t\"relation_label\"\t\"object\"\n"
                + NAMES.stream()
                        .map(name -> quoted(name) + "\t\"P50\"\t\"author\"\t\"B\"\n")
                        .collect(Collectors.joining());
        String allButTheHeader = HEADER + all.substring(all.indexOf('\n') + 1);
        for (String text : List.of(minimal, spreadsheet, all, allButTheHeader)) {
            assertThat(read(text).facts()).extracting(Fact::subject).as(text).containsExactlyElementsOf(NAMES);
        }
    }

    private static String rows(Stream<String> subjects) {
        return subjects.map(subject -> subject + "\tP50\tauthor\tB\n").collect(Collectors.joining());
    }

    @Test
    void quotesThatNoProgramPutThereBelongToTheName() throws IOException {
        List<String> names = List.of("\"Heroes\"", "\"Weird Al\" Yankovic", "12\" Vinyl", "\"Open", "An \"A\" \"B\"");
        assertThat(read(HEADER + rows(names.stream())).facts())
                .extracting(Fact::subject)
                .containsExactlyElementsOf(names);
    }

    @Test
    void aQuotedCellThatGoesOnBehindATabOrALineEndIsRefusedAsThat() {
        refused(
                "\"A\tB\"\tP50\tauthor\tB\n",
                "facts.tsv:2:1",
                "a quote that its cell does not close",
                "tabs and line ends");
        refused("C\tP50\tauthor\t\"A\nB\"\nD\tP50\tauthor\t\"E\tF\"\n", "facts.tsv:3", "wrong number of cells");
        refused("C\tP50\t\"A\nB\"\tX\n", "facts.tsv:2:3", "a quote that its cell does not close");
    }

    @Test
    void namesThatLookEqualAreEqual() throws IOException {
        FactTable table = read(
                HEADER
                        + "Ada\u00A0Brink\tP27\thome\tNor\u00ADland\nNorland\u200B\tP36\tcapital\tOr  vik\n\u200EAda\u2009 Brink\tP19\tborn in\tX\n");
        assertThat(table.about("Ada Brink")).hasSize(2);
        assertThat(table.about("Norland")).hasSize(1);
        assertThat(table.find("Norland", "P36").orElseThrow().object()).isEqualTo("Or vik");
    }

    @Test
    void joinersThatAScriptNeedsStay() throws IOException {
        assertThat(read(HEADER + "علی‌رضا\tP27\thome\tB\n").about("علی‌رضا")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0x00, 0x01, 0x07, 0x08, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x96, 0x9F, 0x2028, 0x2029, 0xFFFD
            })
    void charactersThatNoNameHoldsAreRefusedByTheirNumber(int point) {
        refused("A" + Character.toString(point) + "b\tP27\thome\tB\n", "facts.tsv:2", String.format("U+%04X", point));
    }

    @Test
    void anyLineEndAndAByteOrderMarkAreRead() throws IOException {
        String text = HEADER + "A\tP27\thome\tB\nC\tP27\thome\tB\n";
        for (String variant : List.of(
                text,
                "\uFEFF" + text,
                text.replace("\n", "\r\n"),
                text.replace("\n", "\r"),
                "\uFEFF" + text.replace("\n", "\r\n"))) {
            assertThat(read(variant).facts()).extracting(Fact::subject).containsExactly("A", "C");
        }
    }

    @Test
    void filesOfAnotherFormAreToldWhatTheyAre() {
        String columns =
                "a header line with the columns subject, relation, relation_label, object and optionally aliases";
        refusedFile("[{\"single_hops\": []}]", columns, "found JSON", "--suite");
        refusedFile("{\"hops\": []}\n", columns, "found JSON", "--suite");
        refusedFile("subject,relation,relation_label,object\nA,P27,home,B\n", columns, "separated by ','", "with tabs");
        refusedFile("\"subject\",\"relation\",\"relation_label\",\"object\"\n", columns, "separated by ','");
        refusedFile("relation;subject;relation_label;object\nA;P27;home;B\n", columns, "separated by ';'");
        refusedFile("subject | relation | relation_label | object\n", columns, "separated by '|'");
        refusedFile("0\t1\t2\t3\nA\tP27\thome\tB\n", "no header", columns, "found numbers");
        refusedFile("A\tP27\thome\tB\nC\tP27\thome\tB\n", "no header", columns, "a line of cells, beginning with 'A'");
        refusedFile("", "no header", "an empty line");
        refusedFile("\n" + HEADER, "no header", "an empty line");
        refusedFile(
                "\t" + HEADER + "0\tA\tP27\thome\tB\n", "facts.tsv:1:1", "column without a name", "without its index");
        refusedFile("subject\trelation\tobject\nA\tP27\tB\n", "missing column", "no column relation_label");
        refusedFile("Subject\trelation\trelation_label\tobject\n", "facts.tsv:1:1", "unknown column", "'Subject'");
        refusedFile("# facts\nsubject\trelation\trelation_label\tobject\n", "facts.tsv:1");
    }

    @Test
    void aliasesAsAProgramPrintsAListAreRefused() {
        String header = "subject\trelation\trelation_label\tobject\taliases\n";
        for (String list : List.of("['b', 'c']", "[\"\"b\"\"]", "[]")) {
            refusedFile(header + "A\tP27\thome\tB\t" + list + "\n", "facts.tsv:2:5 (aliases)", "separated by |");
        }
    }

    @Test
    void filesThatAreNoUtf8TextAreToldWhatTheyAre() throws IOException {
        for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            refusedBytes(("\uFEFF" + HEADER).getBytes(charset), "UTF-16", "save it as UTF-8");
        }
        refusedBytes(new byte[] {'P', 'K', 3, 4, 20, 0}, "a spreadsheet or another zip archive");
        refusedBytes(new byte[] {0x1F, (byte) 0x8B, 8, 0}, "a gzip archive");
        refusedBytes("PAR1....".getBytes(StandardCharsets.UTF_8), "a Parquet file");
        refusedBytes("Zürich".getBytes(StandardCharsets.ISO_8859_1), "byte 0xFC", "save the file as UTF-8");
    }

    private void refused(String rows, String... texts) {
        refusedFile(HEADER + rows, texts);
    }

    private void refusedFile(String text, String... parts) {
        AbstractThrowableAssert<?, ?> refusal =
                assertThatThrownBy(() -> read(text)).isInstanceOf(BadInput.class);
        Stream.of(parts).forEach(refusal::hasMessageContaining);
    }

    private void refusedBytes(byte[] bytes, String... parts) throws IOException {
        Path file = Files.write(folder.resolve("facts.tsv"), bytes);
        AbstractThrowableAssert<?, ?> refusal =
                assertThatThrownBy(() -> FactTable.read(file)).isInstanceOf(BadInput.class);
        Stream.of(parts).forEach(refusal::hasMessageContaining);
    }

    private FactTable read(String text) throws IOException {
        return FactTable.read(Files.writeString(folder.resolve("facts.tsv"), text));
    }
}
