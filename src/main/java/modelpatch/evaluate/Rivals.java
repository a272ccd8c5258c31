package modelpatch.evaluate;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.Relations;
import modelpatch.cases.SeededOrder;

/**
 * The other answers that a question might have had: objects of the same type among the facts of a suite. For the scored protocol, whose cost
 * grows with their number.
 */
public final class Rivals {
    /** Enough that luck is right in one case of twenty-one. */
    public static final int DEFAULT_LIMIT = 20;

    private static final Rivals NONE = new Rivals(Relations.of(List.of()), EntityNames.none(), 0);

    private final Relations relations;
    private final EntityNames names;
    private final int limit;
    /** In an order that the seed decides. */
    private final Map<String, List<String>> objectsByType = new TreeMap<>();

    private Rivals(Relations relations, EntityNames names, int limit) {
        this.relations = relations;
        this.names = names;
        this.limit = limit;
    }

    /** For protocols that need none. */
    public static Rivals none() {
        return NONE;
    }

    /** The rivals that a protocol needs to ask a suite: none but for the scored one. */
    public static Rivals neededBy(Protocol protocol, AskedSuite asked, long seed) {
        return protocol.kind() == Protocol.Kind.SCORED
                ? among(
                        asked.suite().cases(),
                        asked.background().relations(),
                        asked.background().names(),
                        DEFAULT_LIMIT,
                        seed)
                : none();
    }

    /**
     * The rivals within some cases.
     *
     * @param relations give the type of a relation's objects; a relation that is not among them is a type of its own
     * @param names say how a sentence names an entity
     * @param limit how many rivals a question has at most
     * @param seed decides which they are where there are more; the same for all questions of a type
     */
    static Rivals among(
            Collection<CompositionalCase> cases, Relations relations, EntityNames names, int limit, long seed) {
        Rivals rivals = new Rivals(relations, names, limit);
        Map<String, Set<String>> objects = new TreeMap<>();
        for (CompositionalCase one : cases) {
            for (Fact hop : one.hops()) {
                objects.computeIfAbsent(relations.objectType(hop), type -> new TreeSet<>())
                        .add(hop.object());
            }
        }
        objects.forEach((type, found) -> {
            rivals.objectsByType.put(type, SeededOrder.shuffled(found, new Random(seed)));
        });
        return rivals;
    }

    /** The question with the rivals of the fact that answers it. */
    public Question joinedTo(Question question, Fact fact) {
        if (this == NONE) {
            return question;
        }
        return question.against(
                fact.answers().stream().map(names::inSentence).toList(),
                objectsByType.getOrDefault(relations.objectType(fact), List.of()).stream()
                        .filter(object -> !fact.answers().contains(object))
                        .limit(limit)
                        .map(names::inSentence)
                        .toList());
    }
}
