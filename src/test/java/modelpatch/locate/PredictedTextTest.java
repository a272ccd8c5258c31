package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.evaluate.Artefact;
import modelpatch.evaluate.PredictedText;
import modelpatch.evaluate.WrongAnswer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** p0 is of France, whose language is French; p0's own language, another fact, is Maori. */
class PredictedTextTest {
    @ParameterizedTest
    @CsvSource({
        "'', NOTHING",
        "'...', NOTHING",
        "France, BRIDGE",
        "'France, where', BRIDGE",
        "Maori, SHORTCUT",
        "p0, SUBJECT",
        "Paris, OTHER_FACT_OF_BRIDGE",
        "Italian, OTHER_BRIDGE",
        "Tok Pisin, OTHER_BRIDGE",
        "Klingon, OTHER"
    })
    void theLanguageOfTheCountryOfP0CanGoWrongInManyWays(String predicted, WrongAnswer kind) {
        assertThat(kind("country-language:p0", predicted)).isEqualTo(kind);
    }

    @Test
    void aFactOfTheSubjectByAnotherRelationIsNoShortcut() {
        assertThat(kind("country-capital:p0", "Maori")).isEqualTo(WrongAnswer.OTHER_FACT_OF_SUBJECT);
    }

    @Test
    void everyKindHasItsOwnNameAndWords() {
        Set<String> names = new HashSet<>();
        Set<String> words = new HashSet<>();
        for (WrongAnswer kind : WrongAnswer.values()) {
            assertThat(names.add(kind.key())).isTrue();
            assertThat(words.add(kind.words())).isTrue();
            assertThat(WrongAnswer.of(kind.key())).isSameAs(kind);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "country-language:p0, 'spoken there is French', LATER_IN_TEXT",
        "country-language:p0, 'Frenchmen', ",
        "country-language:p0, 'Italian', ",
        "country-language:p0, 'France', ",
        "country-language:p0, 'Gallic, of course', ANOTHER_NAME",
        "country-language:p5, 'the Tok', PART_OF_NAME",
        "country-language:p5, 'To', ",
        "country-language:p5, '', "
    })
    void whatMayBeRightAfterAllIsToldApart(String id, String predicted, Artefact why) {
        CompositionalCase one = TinyWorld.suite().find(id).orElseThrow();
        Background bare = TinyWorld.background();
        Background background = new Background(
                bare.facts(),
                bare.relations(),
                EntityNames.of(Map.of("French", new EntityNames.Entry("", List.of("Gallic")))));
        assertThat(new PredictedText(background).artefact(one, predicted)).isEqualTo(Optional.ofNullable(why));
    }

    @Test
    void everyArtefactIsReadByItsName() {
        for (Artefact one : Artefact.values()) {
            assertThat(Artefact.of(one.key())).isSameAs(one);
        }
    }

    private static WrongAnswer kind(String id, String predicted) {
        CompositionalCase one = TinyWorld.suite().find(id).orElseThrow();
        return new PredictedText(TinyWorld.background()).kind(one, predicted);
    }
}
