package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class BadInputTest {
    @Test
    void theMessageSaysWhereWhatExpectedFoundAndWhatToDo() {
        BadInput input = new BadInput("wrong shape", "w in m.gguf", "[2, 3]", "[3, 2]", "transpose it");

        assertThat(input).hasMessage("w in m.gguf: wrong shape: expected [2, 3], found [3, 2]; transpose it");
        assertThat(input.where()).isEqualTo("w in m.gguf");
    }

    @Test
    void whatADamagedFileHoldsReachesTheTerminalShortAndWithoutControlCharacters() {
        BadInput input =
                new BadInput("tensor \u001b[2J twice", "x\u0007 in m.gguf", "one", "y".repeat(100_000), "download it");

        assertThat(input.getMessage())
                .startsWith("x\\u0007 in m.gguf: tensor \\u001b[2J twice")
                .endsWith("yy ..; download it")
                .hasSizeLessThan(1000);
        assertThat(input.where()).isEqualTo("x\\u0007 in m.gguf");
        assertThat(BadInput.of("line 3", "\u001b]0;title\u0007\nsecond line"))
                .hasMessage("line 3: \\u001b]0;title\\u0007\nsecond line");
    }

    @Test
    void noPartOfAMessageCarriesControlCharacters() {
        String hostile = "\u001b[2J" + "z".repeat(10_000);
        assertThat(new BadInput("w", "x", hostile, "f", "r\u0007"))
                .hasMessageStartingWith("x: w: expected \\u001b[2Jzzz")
                .hasMessageEndingWith("zz .., found f; r\\u0007")
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .hasSizeLessThan(4100);
    }
}
