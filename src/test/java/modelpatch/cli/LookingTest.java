package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.edit.TinyWorld;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking at what was found: failures one by one, the page, tables, words. */
class LookingTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;
    private static Findings findings;

    @TempDir
    Path folder;

    @BeforeAll
    static void make() throws IOException {
        world = TinyWorld.at(shared.resolve("world"));
        findings = world.find();
    }

    @Test
    void aFailureIsShownByTheBeginningOfItsId() {
        FailureFinding one = findings.example();
        CommandRun shown =
                patch("show", world.findingsFile(), "--case", one.id()).succeeded();
        assertThat(shown.out())
                .contains(
                        one.id(),
                        one.prompt(),
                        "right would be " + one.answer(),
                        one.diagnosis().meaning())
                .contains("logit lens", "layer  bridge where its phrase ends", "head  effect");
        assertThat(patch("show", world.findingsFile(), "--case", unique(one), "--json")
                        .succeeded()
                        .json()
                        .at("/id")
                        .asText())
                .isEqualTo(one.id());
    }

    /** The shortest beginning that no other failure has. */
    private static String unique(FailureFinding one) {
        for (int length = 1; length < one.id().length(); length++) {
            String beginning = one.id().substring(0, length);
            if (findings.failures().stream()
                            .filter(other -> other.id().startsWith(beginning))
                            .count()
                    == 1) {
                return beginning;
            }
        }
        return one.id();
    }

    @Test
    void aBeginningOfSeveralIdsIsAnsweredByTheIdsAndOneOfNoneByWhatThereIs() {
        String id = findings.failures().get(0).id();
        patch("show", world.findingsFile(), "--case", id.substring(0, 1)).refused("several failures", id);
        patch("show", world.findingsFile(), "--case", "nobody").refused("no such failure", id);
        List<Object> apply = new java.util.ArrayList<>(List.of("apply", "--case", "nobody"));
        apply.addAll(world.options());
        patch(apply.toArray()).refused("no such failure", "--case nobody", id);
    }

    @Test
    void thePageHoldsEveryFailureAndTheTablesEveryNumber() throws IOException {
        CommandRun run = patch(
                        "show",
                        world.findingsFile(),
                        "--report",
                        folder.resolve("page"),
                        "--csv",
                        folder.resolve("csv"))
                .succeeded();
        assertThat(run.out()).contains("page: " + folder.resolve("page").resolve("index.html"));
        String page = Files.readString(folder.resolve("page/index.html"));
        assertThat(findings.failures()).allSatisfy(one -> assertThat(page).contains("\"id\":\"" + one.id() + "\""));
        assertThat(page).contains("compositionality gap", "id=\"search\"");
        assertThat(folder.resolve("page/figures/diagnoses.svg")).content().startsWith("<svg xmlns=");
        int failures = findings.failures().size();
        int layers = findings.failures()
                .get(0)
                .evidence()
                .lens()
                .bridgeAtLast()
                .normed()
                .ranks()
                .size();
        assertThat(Files.readAllLines(folder.resolve("csv/failures.csv"))).hasSize(1 + failures);
        assertThat(Files.readAllLines(folder.resolve("csv/lens.csv"))).hasSize(1 + failures * 4 * layers);
        assertThat(Files.readAllLines(folder.resolve("csv/heads.csv")))
                .hasSize(1 + findings.heads().size());
    }

    @Test
    void hopsThatNobodyComposesAreRefused() {
        patch("find", "--hops", 9).refused("--hops", "2, as all compositions");
        patch("cases", "compose", "--facts", world.facts(), "--hops", 9).refused("at least one chain of 9 facts");
    }

    @Test
    void ownFactsGetAFileOfRelationsThatComposesAsItStands() throws IOException {
        Path facts = Files.writeString(folder.resolve("own.tsv"), """
                        subject\trelation\trelation_label\tobject
                        Ada\tworks_at\tsite\tNorth Hall
                        North Hall\tkept_by\tkey holder\tGrace
                        North Hall\tP17\tcountry\tPeru
                        """);
        CommandRun begun = patch("cases", "init", "--facts", facts).succeeded();
        assertThat(begun.out()).contains("1 relations with their sentences, 2 drafts", "written: ");
        CommandRun composed = patch(begun.hints()
                        .get(0)
                        .subList(1, begun.hints().get(0).size())
                        .toArray())
                .succeeded();
        assertThat(composed.out()).contains("The key holder of the site of Ada is ... Grace");
        patch("cases", "init", "--facts", facts).refused("a file of relations is there");
    }

    @Test
    void refusalsAreCountedByTheRelationThatTheyAreAbout() throws IOException {
        Path facts = Files.writeString(folder.resolve("facts.tsv"), """
                        subject\trelation\trelation_label\tobject
                        Ada\tP27\tcountry of citizenship\tNorland
                        Norland\tqueen\tqueen\tBea
                        Norland\tP36\tcapital\tOrvik
                        """);
        assertThat(patch("cases", "compose", "--facts", facts).succeeded().out())
                .containsPattern("queen +a hop's relation has no sentences +1");
    }

    @Test
    void everyFaultOfAFileOfRelationsIsToldAtOnce() throws IOException {
        Path facts = Files.writeString(
                folder.resolve("facts.tsv"), "subject\trelation\trelation_label\tobject\na\tr\tr\tb\nb\tr\tr\tc\n");
        Path relations = Files.writeString(
                folder.resolve("relations.yaml"), "relations:\n  - id: r\n    label: r\n  - id: s\n    lable: s\n");
        patch("cases", "compose", "--facts", facts)
                .refused("2 relations have faults", relations + ":2", relations + ":5", "'lable'");
    }

    @Test
    void theWordsOfTheOutputAreExplained() {
        assertThat(patch("help", "words").succeeded().out())
                .contains("choose side, report side", "necessity", "canary", "second moment", "n11, n10, n01, n00")
                .doesNotContain("**");
    }

    @Test
    void helpStandsInParts() {
        assertThat(patch("--help").succeeded().out()).contains("Ask and find:\n  find", "Look inside:\n  lens");
        assertThat(patch("find", "--help").succeeded().out())
                .contains("Which model:\n", "Which questions:\n", "What every command has:\n");
    }
}
