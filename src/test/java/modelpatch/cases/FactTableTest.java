package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactTableTest {
    private static final String HEADER = "subject\trelation\trelation_label\tobject\n";

    @TempDir
    private Path folder;

    @Test
    void aFactIsALine() throws IOException {
        FactTable table = read(HEADER + "Misery\tP50\tauthor\tStephen King\n");
        assertThat(table.facts()).containsExactly(new Fact("Misery", "P50", "author", "Stephen King"));
        assertThat(table.find("Misery", "P50").orElseThrow().answers()).containsExactly("Stephen King");
        assertThat(table.find("Misery", "P36")).isEmpty();
        assertThat(table.about("Misery")).hasSize(1);
        assertThat(table.entities()).containsExactly("Misery", "Stephen King");
    }

    @Test
    void columnsMayComeInAnyOrderAndAliasesAreSeparatedByBars() throws IOException {
        FactTable table =
                read("object\taliases\tsubject\trelation_label\trelation\nUS\tUSA | America||USA\tAnn\thome\tP27\n");
        assertThat(table.facts()).containsExactly(new Fact("Ann", "P27", "home", "US", List.of("USA", "America")));
    }

    @Test
    void byteOrderMarkWindowsLineEndsBlankLinesAndSurroundingSpacesMeanNothing() throws IOException {
        FactTable table = read("\uFEFF" + HEADER.replace("\n", "\r\n") + "\r\n Misery \tP50\tauthor\tStephen King\r\n");
        assertThat(table.facts()).containsExactly(new Fact("Misery", "P50", "author", "Stephen King"));
    }

    @Test
    void quotesAreLeftAsTheyAre() throws IOException {
        assertThat(read(HEADER + "\"Misery\tP50\tauthor\tStephen \"Steve\" King\n")
                        .facts()
                        .get(0))
                .isEqualTo(new Fact("\"Misery", "P50", "author", "Stephen \"Steve\" King"));
    }

    @Test
    void namesJoinWhateverTheirUnicodeForm() throws IOException {
        FactTable table = read(HEADER + "A\tP27\thome\tZu\u0308rich\nZ\u00fcrich\tP36\tcapital\tB\n");
        assertThat(table.about(table.facts().get(0).object())).hasSize(1);
    }

    @Test
    void aFactThatRepeatsIsOneFactAndItsAliasesJoin() throws IOException {
        FactTable table = read(
                "subject\trelation\trelation_label\tobject\taliases\nA\tP27\thome\tB\tb1\nA\tP27\thome\tB\tb2|b1\n");
        assertThat(table.facts()).containsExactly(new Fact("A", "P27", "home", "B", List.of("b1", "b2")));
        assertThat(table.repeated()).isEqualTo(1);
        assertThat(table.ambiguities()).isEmpty();
    }

    @Test
    void twoObjectsForOneSubjectAndRelationAreAmbiguousAndNamedWithTheirLines() throws IOException {
        String text = HEADER + "A\tP27\thome\tB\nC\tP27\thome\tB\nA\tP27\thome\tD\n";
        FactTable table = read(text);
        assertThat(table.facts()).containsExactly(new Fact("C", "P27", "home", "B"));
        assertThat(table.find("A", "P27")).isEmpty();
        assertThat(table.ambiguities()).containsExactly(new Ambiguity("A", "P27", List.of("B", "D"), List.of(2, 4)));
        assertThat(table.ambiguities().get(0)).hasToString("A P27: B | D (lines 2, 4)");
    }

    @Test
    void strictReadingRefusesAmbiguousFactsNamingBothLines() throws IOException {
        Path file = write(HEADER + "A\tP27\thome\tB\nC\tP27\thome\tB\nA\tP27\thome\tD\n");
        assertThatThrownBy(() -> FactTable.readStrict(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("facts.tsv, lines 2 and 4")
                .hasMessageContaining("one object for A and P27")
                .hasMessageContaining("B and D");
    }

    @Test
    void theShippedFactsAreFreeOfAmbiguities() {
        assertThat(FactTable.readStrict(Shipped.FACT_FILE).facts()).hasSize(960);
    }

    @Test
    void everyTroubleNamesFileLineColumnAndWhatWasExpected() {
        refused("").hasMessageContaining("facts.tsv:1").hasMessageContaining("a header line with the columns");
        refused(HEADER.replace("object", "Object"))
                .hasMessageContaining("facts.tsv:1:4")
                .hasMessageContaining("unknown column");
        refused("subject\trelation\tobject\n").hasMessageContaining("no column relation_label");
        refused("subject\tsubject\trelation\trelation_label\tobject\n")
                .hasMessageContaining("facts.tsv:1:2")
                .hasMessageContaining("duplicate column");
        refused(HEADER + "A\tP27\thome\tB\nA\tP27\thome\n")
                .hasMessageContaining("facts.tsv:3:3")
                .hasMessageContaining("4 cells separated by tabs")
                .hasMessageContaining("3 cells");
        refused(HEADER + "A\tP27\thome\tB\tC\n")
                .hasMessageContaining("facts.tsv:2:5")
                .hasMessageContaining("5 cells");
        refused(HEADER + "A\t \thome\tB\n")
                .hasMessageContaining("facts.tsv:2:2 (relation)")
                .hasMessageContaining("empty cell");
        refused(HEADER + "A\tP27\thome\tB\nC\tP27\thouse\tB\n")
                .hasMessageContaining("facts.tsv:3:3 (relation_label)")
                .hasMessageContaining("'home' as in line 2");
        refused(HEADER + "A\u0000\tP27\thome\tB\n")
                .hasMessageContaining("facts.tsv:2:2")
                .hasMessageContaining("U+0000");
    }

    @Test
    void bytesThatAreNoUtf8AreRefusedWhereTheyStand() throws IOException {
        byte[] bytes = (HEADER + "Z\u00fcrich\tP27\thome\tB\n").getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve("latin.tsv"), bytes);
        assertThatThrownBy(() -> FactTable.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("latin.tsv:2:2")
                .hasMessageContaining("byte 0xFC");
    }

    @Test
    void whatIsNoFileIsRefused() {
        assertThatThrownBy(() -> FactTable.read(folder))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("a directory");
        assertThatThrownBy(() -> FactTable.read(folder.resolve("none.tsv")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no such file");
    }

    private AbstractThrowableAssert<?, ?> refused(String text) {
        return assertThatThrownBy(() -> read(text)).isInstanceOf(BadInput.class);
    }

    private FactTable read(String text) throws IOException {
        return FactTable.read(write(text));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("facts.tsv"), text);
    }
}
