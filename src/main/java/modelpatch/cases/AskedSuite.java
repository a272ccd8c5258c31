package modelpatch.cases;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The cases that are asked of a model, and what is known about their entities.
 *
 * @param taught compositions that an embedded model was taught; counted apart, never mixed with the others
 * @param planted what training withheld from each composition, by its id; empty where nobody knows
 */
public record AskedSuite(
        CaseSuite suite, Background background, Optional<CaseSuite> taught, Map<String, Planted> planted) {
    public AskedSuite {
        planted = Map.copyOf(planted);
    }

    /** Cases of real facts: nobody knows what a model was taught. */
    public static AskedSuite of(CaseSuite suite, Background background) {
        return new AskedSuite(suite, background, Optional.empty(), Map.of());
    }

    /** Cases without a table of facts: those that their own hops state. */
    public static AskedSuite of(CaseSuite suite, Relations relations, EntityNames names) {
        List<Fact> facts = suite.cases().stream()
                .flatMap(one -> one.hops().stream())
                .distinct()
                .toList();
        return of(suite, new Background(FactTable.of(facts), relations, names));
    }

    /** The same without the cases that a demonstration names something of. */
    public AskedSuite untoldBy(FewShot demonstrations) {
        return with(all -> all.only(one -> !demonstrations.namesSomethingOf(one)));
    }

    /** The same with some of the cases, drawn by the seed. */
    public AskedSuite sample(int cases, long seed) {
        return with(all -> all.sample(cases, seed));
    }

    /** The same with a part of the cases, such as a sample; of those that were taught too. */
    public AskedSuite with(UnaryOperator<CaseSuite> part) {
        return new AskedSuite(part.apply(suite), background, taught.map(part), planted);
    }
}
