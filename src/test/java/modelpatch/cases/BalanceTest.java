package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Own data that are small: 57 facts of a company, whose people work at few sites. */
class BalanceTest {
    private static final Relation WORKS = relation("works", "site");
    private static final Relation LEADER = relation("leader", "person");
    private static final Relation CITY = relation("city", "city");

    private static Relation relation(String id, String type) {
        List<Template> templates = new ArrayList<>();
        for (TemplateSplit split : TemplateSplit.values()) {
            templates.add(
                    new Template(id + "." + split.key(), Form.CLOZE, split, split.key() + " the " + id + " of {} is"));
        }
        return new Relation(id, id, type, "the " + id + " of {}", templates);
    }

    /** 45 people at six sites of which two are small, with a leader and a city each: 57 facts, 90 chains. */
    private static CaseSuite company(long seed, int people) {
        List<Fact> facts = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            facts.add(new Fact("person" + i, "works", "works", "site" + (i % 9 < 7 ? i % 4 : 4 + i % 2)));
        }
        for (int site = 0; site < 6; site++) {
            facts.add(new Fact("site" + site, "leader", "leader", "head" + site));
            facts.add(new Fact("site" + site, "city", "city", "town" + site));
        }
        return CaseSuite.compose(
                FactTable.of(facts),
                Relations.of(List.of(WORKS, LEADER, CITY)),
                EntityNames.none(),
                SuiteRecipe.twoHops(seed));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void neitherSideOfASmallSuiteStarves(long seed) {
        CaseSuite suite = company(seed, 45);
        assertThat(suite.counts().facts()).isEqualTo(57);
        assertThat(suite.cases()).hasSize(90);
        assertThat(suite.counts().choose()).isGreaterThanOrEqualTo(Balance.FEWEST);
        assertThat(suite.counts().report()).isGreaterThanOrEqualTo(Balance.FEWEST);
        assertThat(suite.bridgeOverlap()).isZero();
    }

    @Test
    void withoutItSomeSeedWouldStarveASide() {
        Set<Integer> smaller = new TreeSet<>();
        for (long seed = 1; seed <= 40; seed++) {
            Map<SuiteSplit, Integer> byName = new HashMap<>();
            for (CompositionalCase one : company(seed, 45).cases()) {
                byName.merge(SuiteSplit.of(one.bridge(), seed), 1, Integer::sum);
            }
            smaller.add(Math.min(byName.getOrDefault(SuiteSplit.CHOOSE, 0), byName.getOrDefault(SuiteSplit.REPORT, 0)));
        }
        assertThat(smaller).anyMatch(cases -> cases < Balance.FEWEST);
    }

    @Test
    void aSuiteWithEnoughOnBothSidesOrTooFewInAllKeepsTheSidesOfItsNames() {
        int untouched = 0;
        for (long seed = 1; seed <= 40; seed++) {
            for (int people : new int[] {19, 45}) {
                List<CompositionalCase> cases = company(seed, people).cases();
                long seeded = seed;
                long choose = cases.stream()
                        .filter(one -> SuiteSplit.of(one.bridge(), seeded) == SuiteSplit.CHOOSE)
                        .count();
                if (cases.size() < Balance.FEWEST_IN_ALL || Math.min(choose, cases.size() - choose) >= Balance.FEWEST) {
                    untouched++;
                    assertThat(cases).allMatch(one -> one.split() == SuiteSplit.of(one.bridge(), seeded));
                }
            }
        }
        assertThat(untouched).isGreaterThan(40);
    }
}
