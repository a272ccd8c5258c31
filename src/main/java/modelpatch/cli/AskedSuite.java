package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Relations;
import modelpatch.evaluate.Rivals;
import modelpatch.locate.Background;
import modelpatch.train.World;

/**
 * The cases that a command asks of a model, and what is known about their entities.
 *
 * @param trained compositions that the embedded model was taught; counted apart, never mixed with the others
 * @param world of the embedded model that is asked the compositions of its own world
 */
record AskedSuite(CaseSuite suite, Background background, Optional<CaseSuite> trained, Optional<World> world) {

    /** The cases that the options name; an embedded model without any is asked the held-out compositions of its own world. */
    static AskedSuite of(CaseOptions options, OpenModel opened, long seed) {
        Path home = opened.base().checkpoint().path();
        boolean ownWorld = options.facts == null
                && options.suite == null
                && opened.embedded()
                && Files.exists(home.resolve("world.json"));
        if (ownWorld) {
            World world = World.read(home);
            CaseSuite heldOut = options.sampled(world.heldOut(), seed);
            Background background = new Background(world.facts(), world.relations(), world.names());
            return new AskedSuite(
                    heldOut, background, Optional.of(options.sampled(world.taught(), seed)), Optional.of(world));
        }
        CaseSuite suite = options.suite(seed);
        FactTable facts = options.facts == null ? FactTable.of(facts(suite)) : FactTable.read(options.facts);
        return new AskedSuite(
                suite,
                new Background(facts, Relations.read(options.relationsFile()), options.names()),
                Optional.empty(),
                Optional.empty());
    }

    /** Other answers of the same type, for the scored protocol. */
    Rivals rivals(long seed) {
        return Rivals.among(suite.cases(), background.relations(), background.names(), Rivals.DEFAULT_LIMIT, seed);
    }

    private static List<Fact> facts(CaseSuite suite) {
        return suite.cases().stream()
                .flatMap(one -> one.hops().stream())
                .distinct()
                .toList();
    }
}
