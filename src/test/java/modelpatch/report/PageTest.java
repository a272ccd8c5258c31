package modelpatch.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
    @TempDir
    Path folder;

    @Test
    void aTableOfTheTextBecomesATableAndTheLinesAroundItStay() {
        String text = "before <it>\n\n"
                + Table.of("name", "n>", "share>").row("a b", 12, "3.4 %").row("c", 7, "") + "\nafter it all";
        assertThat(PageText.html(text))
                .contains("<pre>before &lt;it&gt;</pre>", "<th scope=\"col\">name</th>")
                .contains("<tr><td>a b</td><td class=\"number\">12</td><td class=\"number\">3.4 %</td></tr>")
                .contains("<pre>after it all</pre>");
    }

    @Test
    void aTableWithoutRowsAndARuleWithoutAHeaderAreNoTrouble() {
        assertThat(PageText.html("a  b\n-  -"))
                .contains("<th scope=\"col\">b</th>")
                .contains("<tbody>\n</tbody>");
        assertThat(PageText.html("---\nx")).isEqualTo("<pre>---\nx</pre>\n");
    }

    @Test
    void aTableTooWideForTheTerminalIsWrappedBetweenWords() {
        String wide = Table.of("n>", "what to do", "end")
                .row(1, "ask in steps so that it names what it needs", "x")
                .row(12, "nothing", "y")
                .toString();
        assertThat(Fitted.text("before, a line that is longer than the terminal\n\n" + wide, 34))
                .isEqualTo("""
                        before, a line that is longer than the terminal

                         n  what to do                 end
                        --  -------------------------  ---
                         1  ask in steps so that it    x
                            names what it needs
                        12  nothing                    y""");
        assertThat(Fitted.text(wide, 100)).isEqualTo(wide);
    }

    @Test
    void thePageIsOneFileThatAsksNothingOfTheNetworkWithItsFiguresBesideIt() throws IOException {
        String svg = Chart.intervals("nats", java.util.List.of());
        Path file = new Page("<b> & co", "lead").figure("curve", "a curve", svg).write(folder.resolve("new"));
        String html = Files.readString(file);
        assertThat(html)
                .contains("<title>&lt;b&gt; &amp; co</title>", "default-src 'none'", "aria-label=\"a curve\"")
                .doesNotContain("{{")
                .doesNotContainPattern("(src|href)=\"(?!#)")
                .doesNotContainPattern("url\\(|@import|fetch\\(");
        assertThat(folder.resolve("new/figures/curve.svg")).hasContent(svg);
    }

    @Test
    void dataCannotEndTheScriptThatHoldsThem() {
        record Data(String said) {}
        assertThat(new Page("t", "l")
                        .showing(new Data("</script><script>alert(1)</script>"), "findings.js")
                        .html())
                .doesNotContain("alert(1)</script>")
                .contains("\\u003c/script>");
    }
}
