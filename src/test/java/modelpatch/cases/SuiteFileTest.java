package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteFileTest {
    private static final String HOPS =
            "\"hops\": [{\"subject\": \"Misery\", \"relation\": \"P50\", \"object\": \"Stephen King\"},"
                    + " {\"subject\": \"Stephen King\", \"relation\": \"P27\", \"object\": \"Maine\", \"aliases\": [\"ME\"]}]";

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBackToEqualCases() throws IOException {
        CaseSuite some = Shipped.twoHops()
                .only(one -> one.relations().contains("P50") || one.subject().startsWith("J"));
        Path file =
                Files.write(folder.resolve("suite.jsonl"), SuiteFile.lines(some).toList());
        CaseSuite back = SuiteFile.read(file, Shipped.relations(), EntityNames.none(), SuiteRecipe.twoHops(99));
        assertThat(back.cases()).hasSizeGreaterThan(30);
        assertThat(back.cases().equals(some.cases())).isTrue();
    }

    @Test
    void aLineWithHopsAloneIsComposedFromRelations() throws IOException {
        CaseSuite suite = read("{" + HOPS + "}\n\n{" + HOPS + "}\n");
        assertThat(suite.cases()).singleElement().satisfies(one -> {
            assertThat(one.id()).isEqualTo("P50-P27:misery");
            assertThat(one.primary().text()).isEqualTo("The citizenship of the author of Misery is that of");
            assertThat(one.answers()).containsExactly("Maine", "ME");
        });
    }

    @Test
    void aLineMayBringPromptsOfItsOwn() throws IOException {
        CaseSuite suite = read(withPrompts("report"));
        assertThat(suite.cases()).singleElement().satisfies(one -> {
            assertThat(one.id()).isEqualTo("mine");
            assertThat(one.split()).isEqualTo(SuiteSplit.REPORT);
            assertThat(one.primary().template().text()).isEqualTo("Home of {}:");
            assertThat(one.primary().phraseEnd()).isEqualTo("Home of who wrote Misery".length());
        });
    }

    @Test
    void troubleIsNamedByFileLineAndColumn() {
        refused("{" + HOPS + "}\n{\"hop\": []}")
                .hasMessageContaining("suite.jsonl:2:9")
                .hasMessageContaining("'hop'");
        refused("{\"hops\": []}").hasMessageContaining("suite.jsonl:1:10").hasMessageContaining("no hops");
        refused("{" + HOPS.replace("\"Stephen King\", \"relation\"", "\"King\", \"relation\"") + "}")
                .hasMessageContaining("a broken chain");
        refused("{" + HOPS).hasMessageContaining("suite.jsonl:1").hasMessageContaining("malformed JSON");
        refused(withPrompts("left")).hasMessageContaining("choose or report");
        refused(withPrompts("report").replace("[8, 24]", "[8, 240]")).hasMessageContaining("index out of range");
        refused(withPrompts("report").replace("[8, 24]", "[8, \"x\"]")).hasMessageContaining("no number for index");
        refused(withPrompts("report").replace("[8, 24]", "[9, 9]")).hasMessageContaining("empty phrase");
        refused(withPrompts("report") + "\n" + withPrompts("report")).hasMessageContaining("case given twice");
        refused(withPrompts("report").replace("\"guides\": [", "\"guides\": [" + prompt("More of {}:", "it") + ", "))
                .hasMessageContaining("1 compositions, 2 guides");
    }

    @Test
    void aBridgeOnBothSidesIsRefused() {
        refused(withPrompts("report") + "\n" + withPrompts("choose").replace("mine", "yours"))
                .hasMessageContaining("a bridge on both sides")
                .hasMessageContaining("Stephen King");
    }

    private static String withPrompts(String split) {
        return "{\"id\": \"mine\", \"split\": \"" + split + "\", " + HOPS + ", \"compositions\": ["
                + prompt("Home of {}:", "who wrote Misery") + "], \"guides\": [" + prompt("Home of {}:", "Stephen King")
                + "], \"singleHops\": [[" + prompt("Author of {}:", "Misery") + "], ["
                + prompt("Home of {}:", "Stephen King")
                + "]]}";
    }

    private static String prompt(String template, String phrase) {
        int start = template.indexOf("{}");
        return "{\"text\": \"" + template.replace("{}", phrase) + "\", \"phrase\": [" + start + ", "
                + (start + phrase.length()) + "], \"form\": \"cloze\", \"split\": \"edit\", \"template\": \"t\"}";
    }

    private AbstractThrowableAssert<?, ?> refused(String text) {
        return assertThatThrownBy(() -> read(text)).isInstanceOf(BadInput.class);
    }

    private CaseSuite read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("suite.jsonl"), text);
        return SuiteFile.read(file, Shipped.relations(), EntityNames.none(), SuiteRecipe.twoHops(0));
    }
}
