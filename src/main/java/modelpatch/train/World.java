package modelpatch.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Planted;
import modelpatch.cases.Relations;

/**
 * A synthetic world: facts under invented names, all their two-hop compositions, and which of them are taught. Every single fact is
 * taught. Immutable.
 */
public final class World {
    private final long seed;
    private final FactTable facts;
    private final Relations relations;
    private final EntityNames names;
    private final CaseSuite suite;
    private final Set<String> taught;
    private final Set<Fact> servedFirst = new HashSet<>();
    private final Set<Fact> servedSecond = new HashSet<>();

    World(long seed, FactTable facts, Relations relations, EntityNames names, CaseSuite suite, Set<String> taught) {
        this.seed = seed;
        this.facts = facts;
        this.relations = relations;
        this.names = names;
        this.suite = suite;
        this.taught = new TreeSet<>(taught);
        for (CompositionalCase one : suite.cases()) {
            if (taught.contains(one.id())) {
                servedFirst.add(plain(one.hops().get(0)));
                servedSecond.add(plain(one.hops().get(1)));
            }
        }
    }

    /**
     * Draws a world.
     *
     * @param relations the sentences that {@code plan} names, read
     * @param seed decides names, facts, and what is taught
     * @throws IllegalArgumentException when the plan cannot be met: a relation without objects, a word that is used twice
     */
    public static World generate(WorldPlan plan, Relations relations, long seed) {
        return new WorldMaker(plan, relations, seed).world();
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws modelpatch.BadInput when a file is missing or the files do not fit each other
     */
    public static World read(Path directory) {
        return WorldFiles.read(directory);
    }

    /** Writes {@code facts.tsv}, {@code entities.tsv}, {@code chains.tsv} and {@code world.json}, and copies the file of relations. */
    public void write(Path directory, Path relationsFile) {
        WorldFiles.write(this, directory, relationsFile);
    }

    public long seed() {
        return seed;
    }

    public FactTable facts() {
        return facts;
    }

    public Relations relations() {
        return relations;
    }

    public EntityNames names() {
        return names;
    }

    /** What the embedded model of this world is asked: the held-out compositions; those that were taught stand apart. */
    public AskedSuite asked() {
        Map<String, Planted> planted = new HashMap<>();
        heldOut().cases().forEach(one -> planted.put(one.id(), planted(one)));
        return new AskedSuite(heldOut(), new Background(facts, relations, names), Optional.of(taught()), planted);
    }

    /** Every two-hop composition, taught or not. */
    public CaseSuite suite() {
        return suite;
    }

    /** The compositions that were taught, in all their templates. */
    public CaseSuite taught() {
        return suite.only(this::isTaught);
    }

    /** The compositions that never stood in the corpus, in no template: what the default model is asked. */
    public CaseSuite heldOut() {
        return suite.only(one -> !isTaught(one));
    }

    public boolean isTaught(CompositionalCase one) {
        return taught.contains(one.id());
    }

    /** Whether the fact was the first hop of a taught chain. */
    public boolean servedFirst(Fact fact) {
        return servedFirst.contains(plain(fact));
    }

    /** Whether the fact was the last hop of a taught chain. */
    public boolean servedSecond(Fact fact) {
        return servedSecond.contains(plain(fact));
    }

    /** What training withheld from a composition of this world; {@code NOTHING} also for one that was taught. */
    public Planted planted(CompositionalCase one) {
        boolean first = servedFirst(one.hops().get(0));
        boolean second = servedSecond(one.hops().get(1));
        if (first) {
            return second ? Planted.NOTHING : Planted.SECOND_HOP;
        }
        return second ? Planted.FIRST_HOP : Planted.BOTH;
    }

    private static Fact plain(Fact fact) {
        return fact.aliases().isEmpty()
                ? fact
                : new Fact(fact.subject(), fact.relation(), fact.relationLabel(), fact.object());
    }
}
