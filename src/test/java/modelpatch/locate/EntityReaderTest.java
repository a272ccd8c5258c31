package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Frame;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token per word, so that the sequences can be read. */
class EntityReaderTest {
    private static final String PREFIX = TinyWorld.protocol().fewShot().text();

    @TempDir
    static Path folder;

    private static LanguageModel model;
    private static EntityReader reader;

    @BeforeAll
    static void open() throws IOException {
        model = LanguageModel.open(TinyWorld.model(folder), LoadOptions.defaults());
        reader = new EntityReader(model, TinyWorld.background(), new Frame(PREFIX, "", false));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void aNameOfOneTokenIsReadRightAfterThePrompt() {
        EntityReading reading = read("country-capital:p0", "city", "Paris");
        assertThat(words(reading.sequence())).isEqualTo("The capital of the country of p0 is");
        assertThat(reading.token()).isEqualTo(new EntityToken("Paris", id("Paris"), "Paris", 0, true));
        assertThat(words(reading.prefix())).isEqualTo("The capital of Italy is Rome");
        assertThat(word(reading, reading.phraseEnd())).isEqualTo("p0");
        assertThat(word(reading, reading.last())).isEqualTo("is");
    }

    @Test
    void whatANameSharesWithOthersOfItsTypeIsForced() {
        EntityReading reading = read("country-capital:p4", "place", "New Zealand");
        assertThat(words(reading.sequence())).isEqualTo("The capital of the country of p4 is New");
        assertThat(reading.token()).isEqualTo(new EntityToken("New Zealand", id("Zealand"), "Zealand", 1, true));
        assertThat(word(reading, reading.phraseEnd())).isEqualTo("p4");
        assertThat(reader.separatingToken("place", "New Zealand")).isEqualTo(id("Zealand"));
        assertThat(reader.separatingToken("place", "Peru")).isEqualTo(id("Peru"));
    }

    @Test
    void aNameThatBeginsAnotherIsReadAtItsLastToken() {
        EntityReading reading = read("country-capital:p4", "place", "New");
        assertThat(reading.token().separated()).isFalse();
        assertThat(reading.token().token()).isEqualTo("New");
        assertThat(reading.token().forced()).isZero();
    }

    @Test
    void theModelsOwnAnswerIsHeldAgainstTheRightOneWhereTheyPart() {
        EntityReading newZealand = read("country-capital:p4", "place", "New Zealand");
        CompositionalCase one = TinyWorld.suite().find("country-capital:p4").orElseThrow();
        assertThat(reader.tokenInstead(one.primary(), newZealand, "New Guinea")).isEqualTo(id("Guinea"));
        // it parts from the name before the place of reading, or not at all, or says nothing
        assertThat(reader.tokenInstead(one.primary(), newZealand, "Peru")).isEqualTo(-1);
        assertThat(reader.tokenInstead(one.primary(), newZealand, "New Zealand"))
                .isEqualTo(-1);
        assertThat(reader.tokenInstead(one.primary(), newZealand, "New")).isEqualTo(-1);
        assertThat(reader.tokenInstead(one.primary(), newZealand, " ")).isEqualTo(-1);
    }

    @Test
    void inTheGuideThePhraseIsTheBridgeByName() {
        CompositionalCase one = TinyWorld.suite().find("country-capital:p4").orElseThrow();
        EntityReading guide = reader.read(one.primaryGuide(), "city", one.answer());
        assertThat(words(guide.sequence())).isEqualTo("The capital of New Zealand is");
        assertThat(word(guide, guide.phraseEnd())).isEqualTo("Zealand");
    }

    private static EntityReading read(String id, String type, String entity) {
        return reader.read(TinyWorld.suite().find(id).orElseThrow().primary(), type, entity);
    }

    private static int id(String word) {
        return tokenizer().encode(word)[0];
    }

    private static String word(EntityReading reading, int position) {
        return tokenizer().token(reading.sequence()[position]);
    }

    private static String words(int[] ids) {
        return Arrays.stream(ids).mapToObj(tokenizer()::token).collect(Collectors.joining(" "));
    }

    private static Tokenizer tokenizer() {
        return model.tokenizer();
    }
}
