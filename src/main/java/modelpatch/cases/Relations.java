package modelpatch.cases;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.document.Located;

/** The relations that have sentences, by id. Immutable. */
public final class Relations {
    private final Map<String, Relation> byId = new LinkedHashMap<>();

    private Relations(Collection<Relation> relations) {
        for (Relation relation : relations) {
            if (byId.putIfAbsent(relation.id(), relation) != null) {
                throw new IllegalArgumentException("two relations " + relation.id());
            }
        }
    }

    /**
     * Reads a YAML file of relations; its form is described in eval/README.md.
     *
     * @throws BadInput naming file, line and column: unknown keys, a missing split, too few sentences, a sentence without a slot or with
     *     more than one, a sentence given twice
     */
    public static Relations read(Path yaml) {
        return new Relations(RelationFile.relations(Located.yaml(yaml)));
    }

    /**
     * Relations that a program made.
     *
     * @throws IllegalArgumentException when two have the same id
     */
    public static Relations of(Collection<Relation> relations) {
        return new Relations(relations);
    }

    /**
     * The relation of that id.
     *
     * @throws BadInput when it has no sentences
     */
    public Relation get(String id) {
        return find(id).orElseThrow(() -> new BadInput(
                "relation without sentences",
                id,
                "one of " + String.join(", ", byId.keySet()),
                id,
                "add its sentences"));
    }

    public Optional<Relation> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** The type of a fact's object, such as {@code place}; a relation without sentences is a type of its own. */
    public String objectType(Fact fact) {
        return find(fact.relation()).map(Relation::objectType).orElse(fact.relation());
    }

    /** In the order of the file. */
    public List<Relation> all() {
        return List.copyOf(byId.values());
    }
}
