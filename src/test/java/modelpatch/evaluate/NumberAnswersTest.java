package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberAnswersTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            1,234                 | 1234
            1234                  | 1,234
            1,234,567             | 1234567
            1 234 567             | 1234567
            1\u00A0234            | 1234
            1\u202F234\u202F567   | 1,234,567
            1'234'567             | 1234567
            1’234                 | 1234
            1_000_000             | 1,000,000
            1.234.567             | 1234567
            1.234,5               | 1234.5
            12,34,567             | 1234567
            1,00,000              | 100000
            3.14                  | 3,14
            0.5                   | .5
            .5                    | 0.5
            0,25                  | 0.25
            1.0                   | 1
            1                     | 1.00
            2.50                  | 2.5
            100.00                | 100
            -5                    | −5
            −5                    | -5
            –5                    | -5
            －5                    | -5
            +5                    | 5
            -0                    | 0
            -$5                   | -5
            $5                    | 5
            $1,000,000            | 1000000
            €1.5                  | 1.5
            -1,234.50             | -1234.5
            (5)                   | 5
            **5**                 | 5
            5.                    | 5
            5, I think            | 5
            5!                    | 5
            1984. It              | 1984
            5 km                  | 5
            100%                  | 100
            25 °C                 | 25
            ±5                    | ±5
            1e3                   | 1000
            1.5E6                 | 1,500,000
            6.02×10^23            | 6.02e23
            6.02 x 10²³           | 6.02e23
            10^6                  | 1000000
            10⁶                   | 1,000,000
            10⁻³                  | 0.001
            2⁸                    | 2^8
            ½                     | 1/2
            1½                    | 1 1/2
            ١٩٨٤                  | 1984
            १९८४                  | 1984
            １９８４                  | 1984
            ٣٫١٤                  | 3.14
            10:30                 | 10:30
            3.10.2                | 3.10.2
            Python 3.10           | Python 3.10
            1914-1918             | 1914–1918
            1914 - 1918           | 1914–1918
            007                   | 007
            Catch 22              | Catch-22
            Catch22               | Catch-22
            F16                   | F-16
            COVID 19              | COVID-19
            the 39 Steps          | 39 Steps
            39 Steps              | The 39 Steps
            7 Eleven              | 7-Eleven
            Apollo 11             | Apollo 11
            192.168.100.200       | 192.168.100.200
            """)
    void theSameNumberIsRightHoweverItIsWritten(String continuation, String name) {
        assertThat(AnswerMatch.judge(" " + continuation, List.of(name))).isEqualTo(Verdict.RIGHT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            3.14                  | 314
            3.14                  | 3
            3,14                  | 3
            3,14                  | 314
            314                   | 3.14
            1.0                   | 10
            10                    | 1.0
            -5                    | 5
            −5                    | 5
            –5                    | 5
            5                     | -5
            -$5                   | 5
            ±5                    | 5
            12345                 | 1234
            12345                 | 2345
            1234                  | 12345
            1,234                 | 1
            1,234                 | 234
            1,234,567             | 1,234
            1 000 000             | 1
            1'000                 | 1
            1.234.567             | 1.234
            0.5                   | 0
            .5                    | 5
            0.5                   | 5
            1e3                   | 1
            1e3                   | 13
            6.02×10^23            | 6.02
            10^6                  | 10
            10⁶                   | 106
            2⁸                    | 28
            ½                     | 1
            ½                     | 12
            1½                    | 1
            1½                    | 11/2
            1/2                   | 1
            1/2                   | 12
            10:30                 | 10
            10:30                 | 1030
            3:1                   | 31
            3.10.2                | 3.10
            3.10.2                | 3102
            3.1                   | 3.10.2
            Python 3.1            | Python 3.10
            Python 3.10           | Python 3.1
            1914-1918             | 1914
            1914–1918             | 1914
            1914-1918             | 19141918
            1+1                   | 1
            1+1                   | 11
            1,2,3                 | 1
            1,2,3                 | 123
            5'10                  | 5
            007                   | 7
            7                     | 007
            1990s                 | 1990
            21st                  | 21
            5kg                   | 5
            50+                   | 50
            4x4                   | 4
            about 5               | 5
            five                  | 5
            """)
    void anotherNumberIsWrong(String continuation, String name) {
        assertThat(AnswerMatch.judge(" " + continuation, List.of(name))).isEqualTo(Verdict.WRONG);
    }

    @Test
    void aFractionInOneCharacterIsAnAnswer() {
        assertThat(AnswerMatch.judge(" ½", List.of("1/3"))).isEqualTo(Verdict.WRONG);
        assertThat(AnswerMatch.judge(" ⅓ of it", List.of("1/3"))).isEqualTo(Verdict.RIGHT);
    }

    /** The definition: two plain numbers match where, and only where, they have the same value, in whatever country they were printed. */
    @Test
    void numbersMatchWhereTheirValuesAreEqual() {
        SplittableRandom random = new SplittableRandom(14);
        for (int trial = 0; trial < 3_000; trial++) {
            BigDecimal one = number(random);
            BigDecimal other = random.nextInt(3) == 0 ? one : number(random);
            Verdict expected = one.compareTo(other) == 0 ? Verdict.RIGHT : Verdict.WRONG;
            for (String written : List.of(
                    one.toPlainString(),
                    printed(one, Locale.US),
                    printed(one, Locale.FRANCE),
                    printed(one, Locale.ROOT))) {
                assertThat(AnswerMatch.judge(" " + written + ".", List.of(other.toPlainString())))
                        .as("%s for %s", written, other)
                        .isEqualTo(expected);
            }
        }
    }

    private static BigDecimal number(SplittableRandom random) {
        long unscaled = random.nextLong(-2_000_000, 2_000_000) / (long) Math.pow(10, random.nextInt(7));
        return BigDecimal.valueOf(unscaled, random.nextInt(3));
    }

    private static String printed(BigDecimal number, Locale locale) {
        NumberFormat format = NumberFormat.getNumberInstance(locale);
        format.setMaximumFractionDigits(10);
        return format.format(number);
    }
}
