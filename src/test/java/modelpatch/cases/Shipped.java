package modelpatch.cases;

import java.nio.file.Path;
import java.util.List;

/** What the repository ships: its sentences and names, with the facts of src/test/resources/facts. */
final class Shipped {
    static final Path RELATION_FILE = Path.of("eval/relations.yaml");
    static final Path FACT_FILE = Path.of("src/test/resources/facts/wikidata-facts.tsv");

    private static final Relations RELATIONS = Relations.read(RELATION_FILE);
    private static final EntityNames NAMES = EntityNames.beside(RELATION_FILE);
    private static final FactTable FACTS = FactTable.read(FACT_FILE);
    private static final CaseSuite TWO_HOPS = suite(SuiteRecipe.twoHops(0));

    private Shipped() {}

    static Relations relations() {
        return RELATIONS;
    }

    static EntityNames names() {
        return NAMES;
    }

    static FactTable facts() {
        return FACTS;
    }

    static List<FewShotPool> fewShot() {
        return FewShotPool.read(Path.of("eval/few-shot.yaml"));
    }

    /** Every case of two hops under seed 0. */
    static CaseSuite twoHops() {
        return TWO_HOPS;
    }

    static CaseSuite suite(SuiteRecipe recipe) {
        return CaseSuite.compose(FACTS, RELATIONS, NAMES, recipe);
    }
}
