package modelpatch.cases;

import java.util.Objects;

/**
 * What is known about the entities of a suite: which facts hold, of what type an object is, how sentences name it.
 *
 * @param facts all facts, also those that no case uses
 * @param relations give the types; a relation that is not among them is a type of its own
 * @param names how sentences say entities
 */
public record Background(FactTable facts, Relations relations, EntityNames names) {
    public Background {
        Objects.requireNonNull(facts, "facts");
        Objects.requireNonNull(relations, "relations");
        Objects.requireNonNull(names, "names");
    }

    /** The type of a fact's object, such as {@code place}. */
    public String objectType(Fact fact) {
        return relations.objectType(fact);
    }
}
