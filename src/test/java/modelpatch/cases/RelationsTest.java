package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelationsTest {
    private static final String GOOD = """
            relations:
              - id: P50
                label: author
                objectType: person
                nounPhrase: the author of {}
                edit:
                  clozes:
                    - The author of {} is
                    - "{} was written by"
                  questions:
                    - Who is the author of {}?
                validation:
                  clozes:
                    - The writer of {} is
                    - The person who wrote {} is
                  questions:
                    - Who wrote {}?
                test:
                  clozes:
                    - "{} was penned by"
                    - "{} is a work by"
                  questions:
                    - By whom was {} written?
            """;

    @TempDir
    private Path folder;

    @Test
    void aFileGivesItsRelationsWithTemplatesOfEverySplit() throws IOException {
        Relation author = read(GOOD).get("P50");
        assertThat(author.label()).isEqualTo("author");
        assertThat(author.objectType()).isEqualTo("person");
        assertThat(author.describe("Misery")).isEqualTo("the author of Misery");
        assertThat(author.primary())
                .isEqualTo(new Template("P50.edit.cloze.1", Form.CLOZE, TemplateSplit.EDIT, "The author of {} is"));
        assertThat(author.templates()).hasSize(9);
        assertThat(author.templates(TemplateSplit.TEST, Form.QUESTION))
                .extracting(Template::id)
                .containsExactly("P50.test.question.1");
    }

    @Test
    void anUnknownRelationIsNamedWithThoseThatThereAre() throws IOException {
        Relations relations = read(GOOD);
        assertThatThrownBy(() -> relations.get("P51"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("P51")
                .hasMessageContaining("P50");
    }

    @Test
    void whatIsWrongIsNamedByLineAndColumn() {
        refused(GOOD.replace("label: author", "labels: author"))
                .hasMessageContaining("relations.yaml:3:13")
                .hasMessageContaining("unknown key in relation")
                .hasMessageContaining("'labels'");
        refused(GOOD.replace("    label: author\n", ""))
                .hasMessageContaining("relations.yaml:2:5")
                .hasMessageContaining("a value for 'label'");
        refused(GOOD.replace("The writer of {} is", "The writer is"))
                .hasMessageContaining("relations.yaml:14:11")
                .hasMessageContaining("no slot in a cloze");
        refused(GOOD.replace("The writer of {} is", "The writer of {} and {} is"))
                .hasMessageContaining("relations.yaml:14:11")
                .hasMessageContaining("more than one slot");
        refused(GOOD.replace("nounPhrase: the author of {}", "nounPhrase: the author"))
                .hasMessageContaining("relations.yaml:5:17")
                .hasMessageContaining("no slot in a noun phrase");
        refused(GOOD.replace("The writer of {} is", "the author of {} IS"))
                .hasMessageContaining("relations.yaml:14:11")
                .hasMessageContaining("cloze given twice")
                .hasMessageContaining("relations.yaml:8:11");
        refused(GOOD.replace("        - \"{} is a work by\"\n", ""))
                .hasMessageContaining("too few clozes")
                .hasMessageContaining("at least 6");
        refused(GOOD.replace("      questions:\n        - Who wrote {}?\n", ""))
                .hasMessageContaining("too few questions")
                .hasMessageContaining("at least 3");
        refused(GOOD + GOOD.substring(GOOD.indexOf("  - id")))
                .hasMessageContaining("relations.yaml:24:9")
                .hasMessageContaining("relation given twice")
                .hasMessageContaining("relations.yaml:2:9");
    }

    @Test
    void everySplitIsRequired() {
        String withoutValidation =
                GOOD.substring(0, GOOD.indexOf("    validation:")) + GOOD.substring(GOOD.indexOf("    test:"));
        refused(withoutValidation).hasMessageContaining("a value for 'validation'");
        refused(GOOD.replace("  questions:\n        - By whom was {} written?\n", "  questions: []\n"))
                .hasMessageContaining("at least one in the test split");
    }

    @Test
    void whatIsNoYamlIsRefused() {
        refused("relations: [")
                .hasMessageNotContaining("\n")
                .hasMessageContaining("relations.yaml")
                .hasMessageContaining("malformed YAML");
        refused("").hasMessageContaining("a mapping");
        refused("relations: 7").hasMessageContaining("relations.yaml:1:12").hasMessageContaining("found '7'");
        refused("relations: []").hasMessageContaining("no relations");
        refused(GOOD + "relations: []\n").hasMessageContaining("key given twice");
        refused(GOOD.replace("label: author", "label: &a author").replace("objectType: person", "objectType: *a"))
                .hasMessageContaining("relations.yaml:4:17")
                .hasMessageContaining("YAML alias");
        refused(GOOD + "---\nmore: 1\n").hasMessageContaining("more than one document");
        refused("[".repeat(100) + "]".repeat(100)).hasMessageContaining("nested too deeply");
    }

    @Test
    void namesBesideTheRelationsAreOptional() throws IOException {
        Path relations = write(GOOD);
        assertThat(EntityNames.beside(relations).entities()).isEmpty();
        Files.writeString(
                folder.resolve("entities.tsv"), "entity\tlead\taliases\nGrinch\tthe\tMr. Grinch|The Green One\n");
        EntityNames names = EntityNames.beside(relations);
        assertThat(names.inSentence("Grinch")).isEqualTo("the Grinch");
        assertThat(names.inSentence("Aslan")).isEqualTo("Aslan");
        assertThat(names.aliases("Grinch")).containsExactly("Mr. Grinch", "The Green One");
        assertThat(names.aliases("Aslan")).isEmpty();
    }

    @Test
    void aNameForTwoEntitiesIsRefusedNamingBothLines() throws IOException {
        Path names = folder.resolve("entities.tsv");
        Files.writeString(names, "entity\tlead\taliases\nGrinch\tthe\tGreen One\nHulk\tthe\tGreen One\n");
        assertThatThrownBy(() -> EntityNames.read(names))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("entities.tsv:3:3 (aliases)")
                .hasMessageContaining("'Green One' as in line 2");
        Files.writeString(names, "entity\taliases\nGrinch\tHulk\nHulk\t\n");
        assertThatThrownBy(() -> EntityNames.read(names))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("entities.tsv:2:2 (aliases)");
    }

    @Test
    void prefixesAreReadInTheirForm() throws IOException {
        Path file = folder.resolve("few-shot.yaml");
        Files.writeString(file, """
                prefixes:
                  - {id: a, form: cloze, demonstrations: [The sea is wet.]}
                  - {id: b, form: question, demonstrations: [{question: "What is wet?", answer: The sea}]}
                """);
        assertThat(FewShotPool.read(file))
                .extracting(pool -> pool.usual().text())
                .containsExactly("The sea is wet.\n", "Q: What is wet?\nA: The sea\n");
        assertThat(FewShot.none(Form.CLOZE).text()).isEmpty();
        Files.writeString(file, "prefixes:\n  - {id: a, form: prose, demonstrations: []}\n");
        assertThatThrownBy(() -> FewShotPool.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("few-shot.yaml:2:19")
                .hasMessageContaining("cloze or question");
        Files.writeString(file, "prefixes:\n  - id: a\n    form: cloze\n    demonstrations:\n      - The sea is wet\n");
        assertThatThrownBy(() -> FewShotPool.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("few-shot.yaml:5:9")
                .hasMessageContaining("ends with a period");
    }

    @Test
    void aDemonstrationThatNamesASubjectObjectOrAliasLeaksIt() {
        FactTable facts =
                FactTable.of(List.of(new Fact("Misery", "P50", "author", "Stephen King", List.of("Steve King"))));
        assertThat(leaks("Misery loves company.", facts)).containsExactly("Misery in: Misery loves company.");
        assertThat(leaks("It was Stephen King.", facts)).hasSize(1);
        assertThat(leaks("It was Steve King.", facts)).hasSize(1);
        assertThat(leaks("The miserly king stays home.", facts)).isEmpty();
    }

    @Test
    void ofEachDemonstrationTheFirstIsReadThatNamesNothingOfTheFacts() throws IOException {
        Path file = folder.resolve("few-shot.yaml");
        Files.writeString(file, """
                prefixes:
                  - id: a
                    form: cloze
                    demonstrations: [[The sea is wet., The sun is hot.], [Ice is cold., Snow is white.], Grass is green.]
                """);
        FewShotPool pool = FewShotPool.read(file).get(0);
        assertThat(pool.tellingNothingOf(FactTable.of(List.of(fact("Norland", "Sud"))), EntityNames.none()))
                .isEqualTo(pool.usual());
        assertThat(chosen(pool, fact("sea", "wet")))
                .containsExactly("The sun is hot.", "Ice is cold.", "Grass is green.");
        // nothing of its own is left for the third, so it takes what another could have had
        assertThat(chosen(pool, fact("ice", "grass")))
                .containsExactly("The sea is wet.", "Snow is white.", "The sun is hot.");
        // nothing at all is left: the leak is told by whoever asks for it
        assertThat(chosen(pool, fact("is", "nothing"))).isEqualTo(pool.usual().demonstrations());
    }

    private static List<String> chosen(FewShotPool pool, Fact fact) {
        return pool.tellingNothingOf(FactTable.of(List.of(fact)), EntityNames.none())
                .demonstrations();
    }

    private static Fact fact(String subject, String object) {
        return new Fact(subject, "P1", "is", object);
    }

    private static List<String> leaks(String demonstration, FactTable facts) {
        return new FewShot("x", Form.CLOZE, List.of(demonstration)).leaks(facts);
    }

    private AbstractThrowableAssert<?, ?> refused(String text) {
        return assertThatThrownBy(() -> read(text)).isInstanceOf(BadInput.class);
    }

    private Relations read(String text) throws IOException {
        return Relations.read(write(text));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("relations.yaml"), text);
    }
}
