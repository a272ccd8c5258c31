package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Form;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.cases.SuiteSplit;
import modelpatch.cases.TemplateSplit;
import org.junit.jupiter.api.Test;

/** The items by which a taught fact is judged: it has no guide but itself, and no hops but itself. */
class SingleFactProbesTest {
    private static final EditProbes TEST = new EditProbes(Form.CLOZE, TemplateSplit.TEST, 8, 1);
    private static final CaseSuite SUITE = suite();
    private static final CompositionalCase ONE = SUITE.cases().stream()
            .filter(one -> one.split() == SuiteSplit.REPORT && one.relations().equals(List.of("P36")))
            .findFirst()
            .orElseThrow();

    private static CaseSuite suite() {
        List<Fact> facts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            facts.add(new Fact("Land" + i, "P36", "capital", "Town" + i));
            facts.add(new Fact("Land" + i, "P37", "official language", "Tongue" + i));
        }
        return CaseSuite.compose(
                FactTable.of(facts),
                Relations.read(Path.of("eval", "relations.yaml")),
                EntityNames.none(),
                new SuiteRecipe(1, 1, 1));
    }

    private static List<Probe> probes(EditSet set) {
        return TEST.of(SUITE, List.of(ONE), other -> true).stream()
                .filter(probe -> probe.set() == set)
                .toList();
    }

    @Test
    void paraphrasesNeedNoGuideBecauseTheFactIsItsOwn() {
        assertThat(probes(EditSet.PARAPHRASE)).isNotEmpty().allSatisfy(probe -> {
            assertThat(probe.guide()).isEmpty();
            assertThat(probe.question().answers()).contains(ONE.answer());
        });
    }

    @Test
    void hopsAreOtherFactsOfTheSubjectAndNotTheFactItself() {
        assertThat(probes(EditSet.HOPS)).isNotEmpty().allSatisfy(probe -> {
            assertThat(probe.question().prompt()).contains(ONE.subject());
            assertThat(probe.question().answers().get(0)).startsWith("Tongue");
        });
        List<Probe> further = new FurtherProbes(TEST, List.of("It rains. {}"))
                .of(EditSet.HOPS, SUITE, List.of(ONE), Set.of(), Set.of());
        assertThat(further)
                .isNotEmpty()
                .allSatisfy(
                        probe -> assertThat(probe.question().answers().get(0)).startsWith("Tongue"));
    }

    @Test
    void nothingIsGeneralisedTo() {
        assertThat(probes(EditSet.GENERALISATION)).isEmpty();
        assertThat(probes(EditSet.SPECIFICITY_RELATION)).isNotEmpty();
    }
}
