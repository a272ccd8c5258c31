package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Letters and signs as people meet them: a name is right in every usual spelling, and another name is not. */
class LetterAnswersTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Lodz                    | Łódź
            Walesa                  | Wałęsa
            Soren                   | Søren
            Soeren                  | Søren
            Tromso                  | Tromsø
            Tromsoe                 | Tromsø
            Odegaard                | Ødegård
            Oedegard                | Ødegård
            Duc                     | Đức
            Djokovic                | Đoković
            Dokovic                 | Đoković
            Sigurdsson              | Sigurðsson
            Sigurthsson             | Sigurðsson
            Thorsteinn              | Þorsteinn
            THORIR                  | Þórir
            Istanbul                | İstanbul
            Diyarbakir              | Diyarbakır
            Aydin                   | Aydın
            Strasse                 | Straße
            STRASSE                 | Straße
            Grosse                  | GROẞE
            Aesir                   | Æsir
            Caesar                  | Cæsar
            Aethelred               | Æthelred
            Ethelred                | Æthelred
            Oedipus                 | Œdipus
            oeuvre                  | œuvre
            Zuerich                 | Zürich
            Goethe                  | Göthe
            Aarhus                  | Århus
            Arhus                   | Århus
            Malmo                   | Malmö
            Malmoe                  | Malmö
            Ngai                    | Ŋai
            Hamrun                  | Ħamrun
            Heydar Aliyev           | Heydər Əliyev
            Heyder Eliyev           | Heydər Əliyev
            Bakı                    | Baki
            Hausa boko              | Hausa ɓoƙo
            Sapmi                   | Sápmi
            Tiraspolska             | Ŧiraspolska
            Ceske Budejovice        | České Budějovice
            Gyor                    | Győr
            Ha Noi                  | Hà Nội
            Poznan                  | Poznań
            Timisoara               | Timișoara
            Timişoara               | Timișoara
            Curacao                 | Curaçao
            Llandudno               | Ỻandudno
            ŁÓDŹKA                  | Łódźka
            """)
    void aLetterMayBeWrittenInItsUsualWays(String plain, String marked) {
        assertThat(AnswerMatch.judge(" " + plain + ".", List.of(marked))).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" " + marked + ".", List.of(plain))).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void everyLatinLetterOfEuropeAndVietnamHasASpellingInPlainLetters() {
        for (int letter = 0xC0; letter <= 0x1EFF; letter = letter == 0x17F ? 0x1E00 : letter + 1) {
            if (Character.isLetter(letter)) {
                String unfolded = PlainText.of(Character.toString(letter)).replace("'", "");
                assertThat(Latin.spellings(unfolded.codePointAt(0), unfolded.substring(1)))
                        .as("%c", letter)
                        .allMatch(spelled -> spelled.matches("[A-Za-z]+"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            Lodza                   | Łódź
            Sooren                  | Søren
            Poe                     | Po
            Po                      | Poe
            Strase                  | Straße
            Lund                    | Łódź
            Oslo                    | Ösel
            Gothe                   | Goethe
            Thor                    | Tor
            """)
    void anotherNameIsNot(String said, String name) {
        assertThat(AnswerMatch.judge(" " + said, List.of(name))).isEqualTo(Verdict.WRONG);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'", "’", "‘", "ʻ", "ʼ", "ʾ", "ʿ", "`", "´", "′", "＇", "ʽ", ""})
    void anyApostropheIsAnApostropheAndMayBeLeftOut(String apostrophe) {
        for (String name : List.of("Hawai'i", "Hawaiʻi", "Hawai’i", "Hawaii")) {
            assertThat(AnswerMatch.judge(" Hawai" + apostrophe + "i.", List.of(name)))
                    .isEqualTo(Verdict.RIGHT);
        }
        for (String name : List.of("O'Brien", "OBrien", "Oʼ Brien".replace(" ", ""))) {
            assertThat(AnswerMatch.judge(" O" + apostrophe + "Brien", List.of(name)))
                    .isEqualTo(Verdict.RIGHT);
        }
        assertThat(AnswerMatch.judge(" " + apostrophe + "Iolani Palace", List.of("ʻIolani Palace")))
                .isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" Ta" + apostrophe + "izz", List.of("Taʿizz")))
                .isEqualTo(Verdict.RIGHT);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0xFEFF, 0xFE0F,
                0x034F, 0x180E, 0x061C, 0x0000, 0x0008, 0xE0020
            })
    void whatCannotBeSeenCountsForNothing(int point) {
        String unseen = Character.toString(point);
        for (String said : List.of("Pa" + unseen + "ris", unseen + "Paris", "Paris" + unseen)) {
            assertThat(AnswerMatch.judge(" " + said, List.of("Paris"))).as(said).isEqualTo(Verdict.RIGHT);
            assertThat(AnswerMatch.judge(" " + said + ", the", List.of("Paris")))
                    .as(said)
                    .isEqualTo(Verdict.RIGHT);
            assertThat(AnswerMatch.judge(" Paris", List.of(said))).as(said).isEqualTo(Verdict.RIGHT);
        }
        assertThat(AnswerMatch.judge(" New" + unseen + " York", List.of("New York")))
                .isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" Paris" + unseen + "ian", List.of("Paris")))
                .isEqualTo(Verdict.WRONG);
        assertThat(AnswerMatch.judge(" " + unseen, List.of("Paris"))).isEqualTo(Verdict.UNPARSED);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            C++                     | C++
            C++.                    | C++
            C++, a language         | C++
            C++11                   | C++11
            C++ 11                  | C++
            C#                      | C#
            C♯                      | C#
            C＃                      | C#
            F#.                     | F#
            A+                      | A+
            A+, well done           | A+
            A-                      | A-
            A−                      | A-
            A*                      | A*
            B♭                      | B♭
            O-                      | O-
            Notepad++               | Notepad++
            Disney+                 | Disney+
            LGBTQ+                  | LGBTQ+
            Na+                     | Na+
            Ca2+                    | Ca2+
            Paris- the capital      | Paris
            Paris*                  | Paris
            *A*                     | A
            **US**                  | US
            *C++*                   | C++
            "C++"                   | C++
            C                       | C
            C, not C++              | C
            C is                    | C
            the C language          | C language
            AT&T                    | AT and T
            iPhone®                 | iPhone
            Windows™                | Windows
            Yahoo                   | Yahoo!
            Paris### Instruction    | Paris
            a minor                 | A minor
            """)
    void aNameWithItsSignIsRight(String said, String name) {
        assertThat(AnswerMatch.judge(" " + said, List.of(name))).isEqualTo(Verdict.RIGHT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            C++                     | C
            C                       | C++
            C#                      | C
            C                       | C#
            C#                      | C++
            C+                      | C++
            F#                      | F
            A+                      | A
            A                       | A+
            A-                      | A
            A−                      | A
            A-                      | A+
            A*                      | A
            B♭                      | B
            O+                      | O-
            AB-                     | AB
            C++11                   | C++
            Notepad++               | Notepad
            Disney+                 | Disney
            LGBTQ                   | LGBTQ+
            Na+                     | Na
            C-sharp                 | C
            """)
    void aNameWithoutOrWithAnotherSignIsWrong(String said, String name) {
        assertThat(AnswerMatch.judge(" " + said, List.of(name))).isEqualTo(Verdict.WRONG);
    }

    @Test
    void vowelPointsOfArabicAndHebrewMayBeLeftOut() {
        assertThat(AnswerMatch.judge(" مُحَمَّد", List.of("محمد"))).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" محـمد", List.of("محمد"))).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" שָׁלוֹם", List.of("שלום"))).isEqualTo(Verdict.RIGHT);
        assertThat(AnswerMatch.judge(" दिल्ली", List.of("दल्ली")))
                .as("vowel signs of Indic scripts are letters")
                .isEqualTo(Verdict.WRONG);
    }

    @Test
    void theWholeAnswerIsToldFromOneThatGoesOnUnderTheSameRule() {
        assertThat(AnswerMatch.whole(" 1,234.", List.of("1234"))).isTrue();
        assertThat(AnswerMatch.whole(" 1,234 people.", List.of("1234"))).isFalse();
        assertThat(AnswerMatch.whole(" Lodz.", List.of("Łódź"))).isTrue();
        assertThat(AnswerMatch.whole(" C++.", List.of("C++"))).isTrue();
        assertThat(AnswerMatch.whole(" C++.", List.of("C"))).isFalse();
        assertThat(AnswerMatch.whole(" 3.50. So", List.of("3.5"))).isTrue();
    }
}
