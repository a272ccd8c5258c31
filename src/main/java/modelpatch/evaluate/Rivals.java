package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.Relations;

/** The other answers that a question might have had: objects of the same type among the facts of a suite. For the scored protocol. */
public final class Rivals {
    private static final Rivals NONE = new Rivals(Relations.of(List.of()), EntityNames.none());

    private final Relations relations;
    private final EntityNames names;
    private final Map<String, Set<String>> objectsByType = new TreeMap<>();

    private Rivals(Relations relations, EntityNames names) {
        this.relations = relations;
        this.names = names;
    }

    /** For protocols that need none. */
    public static Rivals none() {
        return NONE;
    }

    /**
     * The rivals within some cases.
     *
     * @param relations give the type of a relation's objects
     * @param names say how a sentence names an entity
     */
    public static Rivals among(Collection<CompositionalCase> cases, Relations relations, EntityNames names) {
        Rivals rivals = new Rivals(relations, names);
        for (CompositionalCase one : cases) {
            for (Fact hop : one.hops()) {
                rivals.objectsByType
                        .computeIfAbsent(rivals.type(hop), type -> new TreeSet<>())
                        .add(hop.object());
            }
        }
        return rivals;
    }

    /** The question with the rivals of the fact that answers it, in alphabetical order. */
    Question joinedTo(Question question, Fact fact) {
        if (this == NONE) {
            return question;
        }
        Set<String> accepted = new HashSet<>(fact.answers());
        List<String> others = new ArrayList<>(objectsByType.getOrDefault(type(fact), Set.of()));
        others.removeIf(accepted::contains);
        return question.against(
                fact.answers().stream().map(names::inSentence).toList(),
                others.stream().map(names::inSentence).toList());
    }

    private String type(Fact fact) {
        return relations.get(fact.relation()).objectType();
    }
}
