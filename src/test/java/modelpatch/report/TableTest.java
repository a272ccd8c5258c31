package modelpatch.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void numbersStandToTheRightAndLinesEndWithoutBlanks() {
        Table table =
                Table.of("head", "effect>", "remark").row("L5H3", "0.50", "").row("L10H3", "-1.25", "é\uD83D\uDE00");
        assertThat(table.toString())
                .isEqualTo("head   effect  remark\n-----  ------  ------\nL5H3     0.50\nL10H3   -1.25  é\uD83D\uDE00");
    }

    @Test
    void aRowOfAnotherWidthIsAMistake() {
        assertThatThrownBy(() -> Table.of("a", "b").row("1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aColumnHasAName() {
        assertThatThrownBy(() -> Table.of("gate", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Table.of(">")).isInstanceOf(IllegalArgumentException.class);
    }
}
