package modelpatch.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One triple: the object is what the relation gives for the subject.
 *
 * @param relation the relation's id, such as {@code P36}
 * @param relationLabel the relation in words, such as {@code capital}
 * @param aliases other names of the object that a careful person would accept as the same answer
 */
public record Fact(String subject, String relation, String relationLabel, String object, List<String> aliases) {
    public Fact {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(relation, "relation");
        Objects.requireNonNull(relationLabel, "relationLabel");
        Objects.requireNonNull(object, "object");
        aliases = List.copyOf(aliases);
    }

    /** A fact whose object goes by one name only. */
    public Fact(String subject, String relation, String relationLabel, String object) {
        this(subject, relation, relationLabel, object, List.of());
    }

    /** Every accepted name of the object, its own name first. */
    public List<String> answers() {
        List<String> answers = new ArrayList<>(List.of(object));
        for (String alias : aliases) {
            if (!answers.contains(alias)) {
                answers.add(alias);
            }
        }
        return List.copyOf(answers);
    }

    /** The same fact with these aliases of its object. */
    Fact withAliases(List<String> others) {
        return new Fact(subject, relation, relationLabel, object, others);
    }

    /** Whether the other fact says the same, whatever its label and aliases. */
    boolean saysTheSameAs(Fact other) {
        return subject.equals(other.subject) && relation.equals(other.relation) && object.equals(other.object);
    }
}
