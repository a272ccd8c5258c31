package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.SuiteRecipe;
import org.junit.jupiter.api.Test;

/** A model that knows the capitals of one country in five, asked for so many known cases of 100. */
class UntilKnownTest {
    private static final Protocol BARE = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final long SEED = 1;
    private static final CaseSuite SUITE = CaseSuite.compose(
            FactTable.of(facts()), SmallWorld.RELATIONS, EntityNames.none(), SuiteRecipe.twoHops(SEED));

    private final Set<String> asked = new HashSet<>();
    private final ScriptedModel model = new ScriptedModel(this::says);

    private static List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            facts.add(new Fact("Person" + i, "home", "home", "Country" + i));
            facts.add(new Fact("Country" + i, "capital", "capital", "Town" + i));
        }
        return facts;
    }

    private String says(String prompt) {
        asked.add(prompt);
        String name = prompt.replaceFirst(".* of (\\w+) is$", "$1");
        int number = Integer.parseInt(name.replaceAll("\\D", ""));
        return name.startsWith("Person") ? "Country" + number : number % 5 == 0 ? "Town" + number : "Nowhere";
    }

    private Evaluation untilKnown(int wanted, int batch, Onlooker onlooker) {
        return new SuiteEvaluation(new Examiner(model, BARE, batch), KnownRule.PRIMARY, false, Rivals.none(), SEED)
                .untilKnown(SUITE, wanted, "asking", onlooker);
    }

    private static List<String> ids(List<CompositionalCase> cases) {
        return cases.stream().map(CompositionalCase::id).sorted().toList();
    }

    /** The slow way: how many cases in the order that the seed draws hold so many known ones. */
    private static int prefix(int wanted) {
        List<CompositionalCase> drawn = SUITE.drawn(SEED);
        int[] knownAt = IntStream.range(0, drawn.size())
                .filter(i -> Integer.parseInt(drawn.get(i).subject().replaceAll("\\D", "")) % 5 == 0)
                .toArray();
        return knownAt[wanted - 1] + 1;
    }

    @Test
    void theCasesAreTheShortestBeginningOfTheDrawnOrderThatHoldsSoManyKnownOnes() {
        for (int wanted : new int[] {1, 3, 10, 20}) {
            Evaluation found = untilKnown(wanted, 4, Onlooker.NOBODY);
            assertThat(found.complete()).isTrue();
            assertThat(found.counts().known()).isEqualTo(wanted);
            assertThat(found.cases())
                    .extracting(CaseOutcome::id)
                    .isEqualTo(ids(SUITE.drawn(SEED).subList(0, prefix(wanted))));
            assertThat(KnownSample.of(found, wanted, SUITE))
                    .contains(new KnownSample(wanted, wanted, prefix(wanted), 100));
        }
    }

    @Test
    void aModelThatKnowsAllIsAskedNoMoreThanASampleOfThatSize() {
        ScriptedModel knowing = new ScriptedModel(
                text -> says(text).equals("Nowhere") ? text.replaceFirst(".*Country(\\d+) is$", "Town$1") : says(text));
        Evaluation found = new SuiteEvaluation(
                        new Examiner(knowing, BARE, 4), KnownRule.PRIMARY, false, Rivals.none(), SEED)
                .untilKnown(SUITE, 7, "asking", Onlooker.NOBODY);
        assertThat(found.cases())
                .extracting(CaseOutcome::id)
                .isEqualTo(ids(SUITE.sample(7, SEED).cases()));
    }

    @Test
    void noMoreThanOneChunkIsAskedBeyondTheLastCaseThatCounts() {
        untilKnown(3, 4, Onlooker.NOBODY);
        int chunks = (prefix(3) + 15) / 16;
        assertThat(asked).hasSize(3 * 16 * chunks).hasSizeLessThan(3 * 100); // a case has two hops and a composition
    }

    @Test
    void theNumberOfPromptsThatRunSideBySideChangesNothing() {
        assertThat(untilKnown(5, 1, Onlooker.NOBODY)).isEqualTo(untilKnown(5, 64, Onlooker.NOBODY));
    }

    @Test
    void whereTheSuiteEndsBeforeAllOfItIsAskedAndTheSampleSaysSo() {
        Evaluation found = untilKnown(21, 4, Onlooker.NOBODY);
        assertThat(found.complete()).isTrue();
        assertThat(KnownSample.of(found, 21, SUITE)).contains(new KnownSample(21, 20, 100, 100));
    }

    @Test
    void anInterruptionKeepsTheCasesThatWereReached() {
        Evaluation found = untilKnown(20, 4, new Onlooker() {
            @Override
            public Part begin(String name) {
                return new Part() {
                    @Override
                    public void at(int done, int total) {
                        if (asked.size() >= 80) {
                            throw new Stopped();
                        }
                    }

                    @Override
                    public void close() {}
                };
            }
        });
        assertThat(found.complete()).isFalse();
        assertThat(found.counts().cases()).isBetween(16, 80 / 3 + 1);
        List<String> begun = SUITE.drawn(SEED).stream()
                .limit(found.counts().cases())
                .map(CompositionalCase::id)
                .sorted()
                .toList();
        assertThat(found.cases()).extracting(CaseOutcome::id).isEqualTo(begun);
    }
}
