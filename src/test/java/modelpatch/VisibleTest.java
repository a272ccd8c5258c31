package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a stranger's text can do to the terminal of who reads it: nothing. */
class VisibleTest {
    @Test
    void whatATerminalObeysIsWrittenOut() {
        assertThat(Visible.text("\u001b[2Jgone\u0007\u009b1m\u202Eevil"))
                .isEqualTo("\\u001b[2Jgone\\u0007\\u009b1m\\u202eevil");
    }

    @Test
    void aLineStaysOneLine() {
        assertThat(Visible.line("x\nsigned by ada\r\t\u2028.")).isEqualTo("x\\nsigned by ada\\u000d\\u0009\\u2028.");
        assertThat(Visible.text("two\nlines\tand a tab")).isEqualTo("two\nlines\tand a tab");
    }

    @Test
    void lettersOfEveryScriptStayWhatTheyAre() {
        assertThat(Visible.line("Łódź 東京 \uD83D\uDE00 $1 \\n")).isEqualTo("Łódź 東京 \uD83D\uDE00 $1 \\n");
    }
}
