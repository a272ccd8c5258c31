package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of other people's data sets, on records of our own making in their form. */
class ForeignReadersTest {
    private static final Path FILES = Path.of("src/test/resources/cases");

    @TempDir
    private Path folder;

    @Test
    void mquakeRecordsAreComposedFromOurRelationsAndKeepTheirOwnQuestionsForTesting() {
        CaseSuite suite = mquake(FILES.resolve("mquake.json"));
        CompositionalCase one = suite.find("P27-P36:bjarne-quist").orElseThrow();
        assertThat(one.primary().text()).isEqualTo("The capital of the country of citizenship of Bjarne Quist is");
        assertThat(one.answers()).containsExactly("Tallmark", "Tall Mark");
        assertThat(one.hops().get(0).answers()).containsExactly("Nordavia", "Kingdom of Nordavia");
        List<Query> own = one.compositions().stream()
                .filter(query -> query.template().id().startsWith("mquake"))
                .toList();
        assertThat(own).hasSize(2).allMatch(query -> query.split() == TemplateSplit.TEST);
        Query first = own.get(0);
        assertThat(first.text().substring(0, first.phraseEnd())).endsWith("the country that Bjarne Quist");
        assertThat(one.guides().get(one.compositions().indexOf(first)).text())
                .isEqualTo("Where does the government of Nordavia sit?");
    }

    @Test
    void mquakeChainsThatRepeatOrHaveNoSentencesAreNotCases() {
        CaseSuite suite = mquake(FILES.resolve("mquake.json"));
        assertThat(suite.cases()).hasSize(1);
        assertThat(suite.counts().chains()).isEqualTo(2);
        assertThat(suite.counts().refused().get(Refusal.NO_SENTENCES)).isEqualTo(1);
    }

    @Test
    void anMquakeQuestionThatASentenceOfOursAsksIsLeftOut() {
        CaseSuite suite = mquake(FILES.resolve("mquake.json"));
        CompositionalCase one = suite.cases().get(0);
        assertThat(one.singleHops().get(0))
                .noneMatch(query -> query.template().id().startsWith("mquake"));
        assertThat(suite.counts().promptsLeftOut())
                .as("the question without a name, and the single hop in our words")
                .isEqualTo(2);
        assertThat(suite.templateOverlap()).isZero();
    }

    @Test
    void factsThatContradictEachOtherBetweenMquakeRecordsAreAmbiguous() throws IOException {
        String text = Files.readString(FILES.resolve("mquake.json"));
        int second = text.indexOf("\"case_id\": 2");
        String conflicting = text.substring(0, second) + text.substring(second).replace("Tallmark", "Lowmark");
        CaseSuite suite = mquake(Files.writeString(folder.resolve("conflict.json"), conflicting));
        assertThat(suite.cases()).isEmpty();
        assertThat(suite.counts().refused().get(Refusal.AMBIGUOUS_FACT)).isEqualTo(2);
        assertThat(suite.ambiguities())
                .singleElement()
                .satisfies(pair -> assertThat(pair.objects()).containsExactly("Tallmark", "Lowmark"));
    }

    @Test
    void counterFactGivesSingleHopsWithTheirParaphrasesForTesting() {
        CaseSuite suite = CounterFact.read(FILES.resolve("counterfact.json"), 0);
        CompositionalCase quist = suite.find("P6886:bjarne-quist").orElseThrow();
        assertThat(quist.compositions())
                .extracting(Query::text)
                .containsExactly(
                        "Bjarne Quist writes in the language", "Rain fell all day. The books of Bjarne Quist are in");
        assertThat(quist.compositions())
                .extracting(Query::split)
                .containsExactly(TemplateSplit.EDIT, TemplateSplit.TEST);
        assertThat(quist.answer()).isEqualTo("Nordavian");
    }

    @Test
    void aCounterFactNeighbourGetsTheSubjectThatAPromptOfItsRelationTells() {
        CaseSuite suite = CounterFact.read(FILES.resolve("counterfact.json"), 0);
        assertThat(suite.find("P6886:ylva-rand").orElseThrow().answer()).isEqualTo("Nordavian");
        assertThat(suite.counts().promptsLeftOut())
                .as("a paraphrase without the name, and a neighbour in other words")
                .isEqualTo(2);
    }

    @Test
    void aCounterFactPromptThatGivesItsAnswerAwayIsRefused() {
        CaseSuite suite = CounterFact.read(FILES.resolve("counterfact.json"), 0);
        assertThat(suite.find("P6886:tove-lind")).isEmpty();
        assertThat(suite.counts().refused().get(Refusal.ANSWER_IN_PROMPT)).isEqualTo(1);
    }

    @Test
    void zsreGivesSingleHopsWhoseRelationIsTheQuestion() {
        CaseSuite suite = ZsRe.read(FILES.resolve("zsre.json"), 0);
        CompositionalCase bridge = suite.find("Who designed {}?:quist-bridge").orElseThrow();
        assertThat(bridge.answers()).containsExactly("Tove Lind", "T. Lind");
        assertThat(bridge.primary().prompt()).isEqualTo("Q: Who designed Quist Bridge?\nA:");
        assertThat(bridge.compositions(TemplateSplit.TEST))
                .extracting(Query::text)
                .containsExactly("Whose design is Quist Bridge?");
        assertThat(suite.sameRelations(bridge).size()
                        + suite.cases(bridge.split()).size())
                .isEqualTo(suite.cases(bridge.split()).size() * 2 - 1);
        assertThat(suite.counts().promptsLeftOut()).isEqualTo(3);
    }

    @Test
    void whatARecordLacksIsNamedByFileLineAndColumn() throws IOException {
        Path broken = Files.writeString(
                folder.resolve("broken.json"), "[\n  {\"subject\": \"Quist Bridge\",\n   \"src\": [1]}\n]\n");
        assertThatThrownBy(() -> ZsRe.read(broken, 0))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("broken.json:3:11")
                .hasMessageContaining("no question")
                .hasMessageContaining("a list");
        Path missing = Files.writeString(folder.resolve("missing.json"), "[\n  {\"subject\": \"Quist Bridge\"}\n]");
        assertThatThrownBy(() -> ZsRe.read(missing, 0))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("missing.json:2:3")
                .hasMessageContaining("a value for 'src'");
    }

    @Test
    void aSuiteFileMayBeAnyOfTheseDataSetsAndIsKnownByItsRecords() {
        assertThat(suite(FILES.resolve("mquake.json")).cases())
                .isEqualTo(mquake(FILES.resolve("mquake.json")).cases());
        assertThat(suite(FILES.resolve("counterfact.json")).cases())
                .isEqualTo(
                        CounterFact.read(FILES.resolve("counterfact.json"), 0).cases())
                .isNotEmpty();
        assertThat(suite(FILES.resolve("zsre.json")).cases())
                .isEqualTo(ZsRe.read(FILES.resolve("zsre.json"), 0).cases())
                .isNotEmpty();
    }

    @Test
    void oneRecordPerLineIsReadLikeAnArrayOfRecords() throws IOException {
        ObjectMapper json = new ObjectMapper();
        for (String name : List.of("mquake.json", "counterfact.json", "zsre.json")) {
            StringBuilder lines = new StringBuilder();
            for (JsonNode record : json.readTree(FILES.resolve(name).toFile())) {
                lines.append(json.writeValueAsString(record)).append('\n');
            }
            Path file = Files.writeString(folder.resolve(name + "l"), lines);
            assertThat(suite(file).cases())
                    .isEqualTo(suite(FILES.resolve(name)).cases())
                    .isNotEmpty();
        }
    }

    @Test
    void whatOfADataSetBecameASuiteOfOursReadsBackToEqualCases() throws IOException {
        for (String name : List.of("mquake.json", "counterfact.json", "zsre.json")) {
            CaseSuite suite = suite(FILES.resolve(name));
            Path file = Files.write(folder.resolve(name), SuiteFile.lines(suite).toList());
            assertThat(suite(file).cases()).isEqualTo(suite.cases());
        }
    }

    @Test
    void aSuiteIsAskedInTheFormThatAllItsCasesHave() {
        assertThat(suite(FILES.resolve("mquake.json")).form()).isEqualTo(Form.CLOZE);
        assertThat(suite(FILES.resolve("counterfact.json")).form()).isEqualTo(Form.CLOZE);
        assertThat(suite(FILES.resolve("zsre.json")).form()).isEqualTo(Form.QUESTION);
    }

    @Test
    void aFileThatIsNoSuiteIsToldWhichFormsThereAre() throws IOException {
        List<String> texts = List.of(
                "{\"data\": []}",
                "[[1, 2]]",
                "[{\"question\": \"Who?\", \"answer\": \"Odd Berg\"}]",
                "suite: mine\nmust_stay: {}\n",
                "subject\trelation\trelation_label\tobject\n");
        for (String text : texts) {
            Path file = Files.writeString(folder.resolve("any"), text);
            assertThatThrownBy(() -> suite(file))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("no suite")
                    .hasMessageContaining("one case per line")
                    .hasMessageContaining("MQuAKE, CounterFact or zsRE");
        }
    }

    @Test
    void jsonThatIsCutOffOrBrokenIsNamedInPlainWords() throws IOException {
        String text = Files.readString(FILES.resolve("mquake.json"));
        Path cut = Files.writeString(folder.resolve("cut.json"), text.substring(0, text.length() - 30));
        assertThatThrownBy(() -> suite(cut))
                .hasMessageContaining("malformed JSON")
                .hasMessageContaining("ends too early")
                .hasMessageNotContaining("Source");
        Path broken =
                Files.writeString(folder.resolve("broken.json"), text.replace("\"case_id\": 1,", "\"case_id\" 1,"));
        assertThatThrownBy(() -> suite(broken))
                .hasMessageContaining("broken.json:3")
                .hasMessageContaining("at '\"case_id\" 1");
        Path twice = Files.writeString(
                folder.resolve("twice.json"), text.replace("\"case_id\": 1,", "\"case_id\": 1, \"case_id\": 1,"));
        assertThatThrownBy(() -> suite(twice)).hasMessageContaining("'case_id' again");
    }

    @Test
    void charactersThatAnEscapeHidesAreRefusedWhereTheyStand() throws IOException {
        String text = Files.readString(FILES.resolve("zsre.json"));
        for (String escape : List.of("\\u0000", "\\u0007", "\\u007f", "\\ud800", "\\udc00\\ud800")) {
            Path file = Files.writeString(
                    folder.resolve("zsre.json"),
                    text.replace("Who designed Quist", "Who " + escape + "designed Quist"));
            assertThatThrownBy(() -> suite(file))
                    .hasMessageContaining("zsre.json:2")
                    .hasMessageContaining("unreadable character in the question");
        }
    }

    private static CaseSuite suite(Path file) {
        return SuiteFile.read(file, Shipped.relations(), EntityNames.none(), SuiteRecipe.twoHops(0));
    }

    private static CaseSuite mquake(Path file) {
        return Mquake.read(file, Shipped.relations(), EntityNames.none(), SuiteRecipe.twoHops(0));
    }
}
