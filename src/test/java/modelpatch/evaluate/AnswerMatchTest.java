package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerMatchTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
            Paris                       | Paris
            Paris.                      | Paris
            Paris, the capital          | Paris
            "Paris"                     | Paris
            **Paris**                   | Paris
            PARIS                       | Paris
            the Paris                   | Paris
            Paris (France)              | Paris
            Paris and London            | Paris
            the United States of America, | United States of America
            United States of America    | the United States of America
            The X-Files                 | X-Files
            X-Files                     | The X-Files
            The X Files                 | The X-Files
            Hague                       | The Hague
            Washington, D.C.            | Washington, D.C.
            Washington D.C.             | Washington, D.C.
            Washington DC               | Washington, D.C.
            Washington, D. C.           | Washington, D.C.
            Washington, D.C             | Washington, D.C.
            Washington, D.C. A city     | Washington, D.C.
            Washington, D.C. is         | Washington, D.C.
            J. K. Rowling               | J. K. Rowling
            J.K. Rowling                | J. K. Rowling
            JK Rowling                  | J. K. Rowling
            J. K. Rowling               | JK Rowling
            J.R.R. Tolkien              | J. R. R. Tolkien
            A. A. Milne                 | A. A. Milne
            A.A. Milne                  | A. A. Milne
            J. Michael Straczynski.     | J. Michael Straczynski
            J Michael Straczynski       | J. Michael Straczynski
            Dr Seuss                    | Dr. Seuss
            Dr. Seuss is                | Dr. Seuss
            Apple Inc                   | Apple Inc.
            Apple Inc. was              | Apple Inc.
            Zurich                      | Zürich
            ZÜRICH                      | Zürich
            Shinzo Abe                  | Shinzō Abe
            Aleksandar Vucic            | Aleksandar Vučić
            Strasse                     | Straße
            People’s Republic of China  | People's Republic of China
            Peoples Republic of China   | People's Republic of China
            O’Neill                     | O'Neill
            Stratford upon Avon         | Stratford-upon-Avon
            Stratford‑upon‑Avon         | Stratford-upon-Avon
            StratforduponAvon           | Stratford-upon-Avon
            Coca Cola                   | Coca-Cola
            CocaCola                    | Coca-Cola
            Simon and Schuster          | Simon & Schuster
            U.S.                        | US
            US                          | U.S.
            US.                         | US
            1,000                       | 1000
            1945.                       | 1945
            3.14                        | 3.14
            Henry V                     | Henry V
            Henry V of England          | Henry V
            東京です                      | 東京
            Москва                      | Москва
            ﬁnland                      | Finland
            """)
    void isRight(String continuation, String name) {
        assertThat(AnswerMatch.judge(" " + continuation, List.of(name))).isEqualTo(Verdict.RIGHT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Parisian                    | Paris
            the city of Paris           | Paris
            not Paris                   | Paris
            Par                         | Paris
            London                      | Paris
            in Paris                    | Paris
            Pariss                      | Paris
            Paris's mayor               | Paris
            Guinea-Bissau               | Guinea
            Anglo-Saxon                 | Anglo
            the rapist                  | therapist
            New ark                     | Newark
            3.5                         | 3
            1,000                       | 1
            10                          | 1
            us to think                 | US
            it                          | IT
            who is                      | WHO
            the                         | The Hague
            D. Cameron                  | D.C.
            Washington, D.              | Washington, D.C.
            Washington State            | Washington, D.C.
            J. K.                       | J. K. Rowling
            American English            | America
            東京                         | 東京都
            a                           | A. A. Milne
            """)
    void isWrongUnlessTheNameStandsAtTheStart(String continuation, String name) {
        Verdict expected = name.equals("Washington")
                ? Verdict.RIGHT
                : Verdict.WRONG; // "Washington, Dc" does begin with Washington
        assertThat(AnswerMatch.judge(continuation, List.of(name))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n", "\nParis", "  \r\nParis", "...", " \"\" ", "___\nParis", "\u2028Paris"})
    void nothingOnTheFirstLineIsUnparsed(String continuation) {
        assertThat(AnswerMatch.judge(continuation, List.of("Paris"))).isEqualTo(Verdict.UNPARSED);
    }

    @Test
    void onlyTheFirstLineIsRead() {
        assertThat(AnswerMatch.judge(" London\nParis", List.of("Paris"))).isEqualTo(Verdict.WRONG);
        assertThat(AnswerMatch.judge(" Paris\nLondon", List.of("Paris"))).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" London. Paris is", List.of("Paris"))).isEqualTo(Verdict.WRONG);
    }

    @Test
    void anyAcceptedNameWillDo() {
        List<String> names = List.of("United States of America", "US", "USA");
        assertThat(AnswerMatch.judge(" the US.", names)).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" U.S.A.", names)).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" the United States", names)).isEqualTo(Verdict.WRONG);
        assertThat(AnswerMatch.judge(" Paris", List.of())).isEqualTo(Verdict.WRONG);
        assertThat(AnswerMatch.judge(" Paris", List.of(""))).isEqualTo(Verdict.WRONG);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Paris. The capital of Italy is Rome. | Paris
            Paris .                              | Paris
            Washington, D.C. The capital         | Washington, D.C. The capital
            Washington, D.C.                     | Washington, D.C.
            J. K. Rowling. She wrote             | J. K. Rowling
            Dr. Seuss. He wrote                  | Dr. Seuss
            Apple Inc.                           | Apple Inc.
            Yahoo! is                            | Yahoo
            3.5 million. So                      | 3.5 million
            Paris                                | Paris
            """)
    void theAnswerOfAContinuationEndsWithItsSentence(String continuation, String answer) {
        assertThat(AnswerMatch.answer(" " + continuation + "\nNext line.")).isEqualTo(answer);
    }

    @Test
    void wholeMeansTheNameAndNothingMore() {
        assertThat(AnswerMatch.whole(" the Paris.\nThe", List.of("Paris"))).isTrue();
        assertThat(AnswerMatch.whole(" New York City.", List.of("New York"))).isFalse();
        assertThat(AnswerMatch.whole(" New York City.", List.of("New York", "New York City")))
                .isTrue();
        assertThat(AnswerMatch.whole(" Washington DC", List.of("Washington, D.C.")))
                .isTrue();
    }

    @Test
    void generationStopsAtTheEndOfTheLineOrOfTheSentence() {
        assertThat(AnswerMatch.finished(" Paris", true)).isFalse();
        assertThat(AnswerMatch.finished(" Paris.", true)).isTrue();
        assertThat(AnswerMatch.finished(" Paris.", false)).isFalse();
        assertThat(AnswerMatch.finished(" Paris\n", false)).isTrue();
        assertThat(AnswerMatch.finished("\n", false)).isTrue();
        assertThat(AnswerMatch.finished(" Washington, D.", true)).isFalse();
        assertThat(AnswerMatch.finished(" Apple Inc.", true)).isFalse();
        assertThat(AnswerMatch.finished(" 3.", true)).isFalse();
        assertThat(AnswerMatch.finished(" 3. It", true)).isTrue();
        assertThat(AnswerMatch.finished("", true)).isFalse();
    }

    @Test
    void namesThatHoldTheEndOfASentenceAreKnown() {
        assertThat(AnswerMatch.holdsSentenceEnd("Where's Wally? The Book")).isTrue();
        assertThat(AnswerMatch.holdsSentenceEnd("Washington, D.C.")).isFalse();
        assertThat(AnswerMatch.holdsSentenceEnd("Yahoo!")).isFalse();
        assertThat(AnswerMatch.holdsSentenceEnd("J. K. Rowling")).isFalse();
    }

    @Test
    void theExamplesOfTheDocumentationHold() throws IOException {
        Pattern row = Pattern.compile("\\| `(.+)` \\| (.+) \\| (yes|no) \\| .*");
        int examples = 0;
        for (String line : Files.readAllLines(Path.of("docs", "evaluation.md"))) {
            Matcher cells = row.matcher(line);
            if (cells.matches()) {
                Verdict expected = cells.group(3).equals("yes") ? Verdict.RIGHT : Verdict.WRONG;
                for (String written : cells.group(1).split("`, `", -1)) {
                    assertThat(AnswerMatch.judge(written, List.of(cells.group(2))))
                            .as("%s in: %s", written, line)
                            .isEqualTo(expected);
                    examples++;
                }
            }
        }
        assertThat(examples).isGreaterThanOrEqualTo(45);
    }

    /** Whatever the text, a name matches itself, whatever is written after it as further words, and never a longer word. */
    @Test
    void everyNameMatchesItselfAndWhatGoesOnAfterIt() {
        SplittableRandom random = new SplittableRandom(5);
        String alphabet = "dbcZéß09 .-'DBü,"; // no letters that make an article
        for (int trial = 0; trial < 20_000; trial++) {
            StringBuilder text = new StringBuilder();
            int length = 1 + random.nextInt(14);
            for (int i = 0; i < length; i++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String name = text.toString();
            if (AnswerMatch.judge(name, List.of()) == Verdict.UNPARSED) {
                continue;
            }
            assertThat(AnswerMatch.startsWith(name, name)).as(name).isTrue();
            assertThat(AnswerMatch.startsWith(" " + name + " (next)", name))
                    .as(name)
                    .isTrue();
            String lastLetterRun = name.strip();
            if (Character.isLetterOrDigit(lastLetterRun.codePointBefore(lastLetterRun.length()))) {
                assertThat(AnswerMatch.startsWith(lastLetterRun + "q", name))
                        .as(name)
                        .isFalse();
            }
        }
    }
}
