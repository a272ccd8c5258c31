package modelpatch.cases;

import static modelpatch.cases.Sentences.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SuiteTest {
    private static final double SHARE = 0.1;

    @Test
    void everyChainOfTheFactsIsACaseOrRefusedForAReason() {
        for (int hops = 1; hops <= 3; hops++) {
            Counts counts = Shipped.suite(new SuiteRecipe(hops, hops, 0)).counts();
            assertThat(counts.cases() + counts.allRefused()).isEqualTo(counts.chains());
            assertThat(counts.capped()).isZero();
        }
        assertThat(Shipped.twoHops().counts().chains()).isEqualTo(1792);
        assertThat(Shipped.twoHops().counts().facts()).isEqualTo(960);
    }

    @Test
    void noBridgeIsOnBothSides() {
        for (long seed = 0; seed < 5; seed++) {
            CaseSuite suite = Shipped.suite(new SuiteRecipe(2, 3, seed));
            Set<String> choose = bridges(suite.cases(SuiteSplit.CHOOSE));
            assertThat(choose).isNotEmpty().doesNotContainAnyElementsOf(bridges(suite.cases(SuiteSplit.REPORT)));
            assertThat(suite.bridgeOverlap()).isZero();
        }
    }

    @Test
    void noPromptServesTwoSplitsOfTheTemplates() {
        assertThat(Shipped.twoHops().templateOverlap()).isZero();
    }

    @Test
    void aSentenceThatServesTwoSplitsWouldBeCounted() {
        Relation honest = Sentences.relation("home", "home");
        List<Template> templates = new ArrayList<>(honest.templates());
        templates.add(new Template(
                "again", Form.CLOZE, TemplateSplit.TEST, honest.primary().text()));
        Relation dishonest = new Relation("home", "home", "home", "the home of {}", templates);
        CaseSuite suite = CaseSuite.compose(
                FactTable.of(List.of(fact("Ann", "home", "Maine"), fact("Bob", "home", "Iowa"))),
                Relations.of(List.of(dishonest)),
                EntityNames.none(),
                new SuiteRecipe(1, 1, 0));
        assertThat(suite.templateOverlap()).isEqualTo(2);
    }

    @Test
    void theSameSeedMakesTheSameSuiteWhateverTheOrderOfTheFacts() {
        List<Fact> facts = new ArrayList<>(Shipped.facts().facts());
        Collections.shuffle(facts, new Random(11));
        CaseSuite shuffled =
                CaseSuite.compose(FactTable.of(facts), Shipped.relations(), Shipped.names(), SuiteRecipe.twoHops(0));
        assertThat(shuffled.cases()).isEqualTo(Shipped.twoHops().cases());
        assertThat(shuffled.counts()).isEqualTo(Shipped.twoHops().counts());
        assertThat(shuffled.capped(SHARE, 3).cases())
                .isEqualTo(Shipped.twoHops().capped(SHARE, 3).cases());
    }

    @Test
    void anotherSeedMovesBridgesToTheOtherSide() {
        CaseSuite other = Shipped.suite(SuiteRecipe.twoHops(1));
        assertThat(bridges(other.cases(SuiteSplit.CHOOSE)))
                .isNotEqualTo(bridges(Shipped.twoHops().cases(SuiteSplit.CHOOSE)));
    }

    @Test
    void addingFactsMovesNoCase() {
        List<Fact> half = Shipped.facts().facts().subList(0, 480);
        CaseSuite fewer =
                CaseSuite.compose(FactTable.of(half), Shipped.relations(), Shipped.names(), SuiteRecipe.twoHops(0));
        assertThat(fewer.cases())
                .isNotEmpty()
                .allSatisfy(one -> assertThat(Shipped.twoHops().find(one.id()).map(CompositionalCase::split))
                        .contains(one.split()));
    }

    @Test
    void underACapNoAnswerFillsMoreThanItsShareOfASide() {
        for (double share : new double[] {0.05, SHARE, 0.3}) {
            CaseSuite capped = Shipped.twoHops().capped(share, 0);
            assertThat(capped.cases()).isNotEmpty();
            assertThat(capped.counts().commonestShare().orElseThrow()).isLessThanOrEqualTo(share);
            for (SuiteSplit side : SuiteSplit.values()) {
                List<CompositionalCase> cases = capped.cases(side);
                assertThat(AnswerCap.sizes(cases).values()).allMatch(size -> size <= share * cases.size());
            }
            Counts counts = capped.counts();
            assertThat(counts.cases() + counts.capped() + counts.allRefused()).isEqualTo(counts.chains());
        }
    }

    @Test
    void theCapKeepsAsManyCasesAsItCan() {
        Random random = new Random(5);
        for (int trial = 0; trial < 300; trial++) {
            List<Integer> sizes = new ArrayList<>();
            for (int answer = random.nextInt(30); answer >= 0; answer--) {
                sizes.add(1 + random.nextInt(40));
            }
            double share = 0.02 + random.nextDouble() * 0.5;
            int best = 0;
            for (int most = 0; most <= 40; most++) {
                if (most <= share * kept(sizes, most) + 1e-9) {
                    best = most;
                }
            }
            int found = AnswerCap.mostOfOneAnswer(sizes, share);
            assertThat(kept(sizes, found)).isEqualTo(kept(sizes, best));
        }
    }

    @Test
    void belowTenAnswersNothingHoldsACapOfATenth() {
        CaseSuite suite = CaseSuite.compose(
                FactTable.of(List.of(fact("Misery", "author", "King"), fact("King", "home", "Maine"))),
                Sentences.relations("author", "home"),
                EntityNames.none(),
                SuiteRecipe.twoHops(0));
        assertThat(suite.cases()).hasSize(1);
        assertThat(suite.capped(SHARE, 0).cases()).isEmpty();
        assertThat(suite.capped(1, 0).cases()).hasSize(1);
        assertThat(suite.capped(SHARE, 0).counts().commonestShare()).isEmpty();
        assertThatThrownBy(() -> suite.capped(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void countsNameTheCommonestAnswer() {
        Counts counts = Shipped.twoHops().counts();
        long trump = Shipped.twoHops().cases().stream()
                .filter(one -> one.answer().equals("Donald Trump"))
                .count();
        assertThat(counts.commonestAnswer()).isEqualTo("Donald Trump");
        assertThat(counts.commonestAnswerCases()).isEqualTo((int) trump);
        assertThat(counts.choose() + counts.report()).isEqualTo(counts.cases());
    }

    @Test
    void aliasesNeverNameAnotherEntityOfTheFacts() {
        CaseSuite suite = CaseSuite.compose(
                FactTable.of(List.of(
                        fact("Ann", "home", "United Kingdom", "UK", "England"), fact("Bob", "home", "England"))),
                Sentences.relations("home"),
                EntityNames.none(),
                new SuiteRecipe(1, 1, 0));
        assertThat(suite.find("home:ann").orElseThrow().answers()).containsExactly("United Kingdom", "UK");
    }

    @Test
    void theReadmeSaysWhatTheFactsGive() throws IOException {
        String readme = Files.readString(Path.of("eval/README.md"));
        List<CaseSuite> suites =
                List.of(Shipped.suite(new SuiteRecipe(2, 2, 1)), Shipped.suite(new SuiteRecipe(3, 3, 1)));
        List<Counts> raw = suites.stream().map(CaseSuite::counts).toList();
        List<Counts> capped =
                suites.stream().map(suite -> suite.capped(SHARE, 1).counts()).toList();
        assertThat(readme)
                .contains(row("chains", raw, counts -> counts.chains() + ""))
                .contains(row("cases (to choose on + to report on)", raw, SuiteTest::sides))
                .contains(row("their commonest answer", raw, SuiteTest::commonest))
                .contains(row("cases under the cap", capped, SuiteTest::sides))
                .contains(row("their commonest answer", capped, SuiteTest::commonest));
        for (Refusal refusal : Refusal.values()) {
            String row = row(
                    "refused: " + refusal.reason(),
                    raw,
                    counts -> counts.refused().get(refusal) + "");
            boolean never = raw.stream().allMatch(counts -> counts.refused().get(refusal) == 0);
            boolean silent = !readme.contains("refused: " + refusal.reason());
            assertThat(readme.contains(row) || (never && silent)).as(row).isTrue();
        }
    }

    private static String row(String name, List<Counts> columns, Function<Counts, String> cell) {
        return "| " + name + " | " + cell.apply(columns.get(0)) + " | " + cell.apply(columns.get(1)) + " |";
    }

    private static String sides(Counts counts) {
        return counts.cases() + " (" + counts.choose() + " + " + counts.report() + ")";
    }

    private static String commonest(Counts counts) {
        return counts.commonestAnswer() + ", " + counts.commonestAnswerCases();
    }

    private static int kept(List<Integer> sizes, int most) {
        return sizes.stream().mapToInt(size -> Math.min(size, most)).sum();
    }

    private static Set<String> bridges(List<CompositionalCase> cases) {
        Set<String> bridges = new HashSet<>();
        cases.forEach(one -> bridges.addAll(one.bridges()));
        return bridges;
    }
}
