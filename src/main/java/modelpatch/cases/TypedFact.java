package modelpatch.cases;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/** A fact as somebody types it: {@code subject | relation | object}, the relation by its id or its name. */
public final class TypedFact {
    private static final String FORM = "\"subject | relation | object\"";

    private TypedFact() {}

    /**
     * Reads one.
     *
     * @param text white space around its parts does not count
     * @param relations that have sentences
     * @throws BadInput where it has not three parts, its relation has no sentences or a name that several have, or its object is its subject
     */
    public static Fact parse(String text, Relations relations) {
        List<String> parts =
                List.of(text.split("\\|", -1)).stream().map(String::strip).toList();
        if (parts.size() != 3 || parts.stream().anyMatch(String::isEmpty)) {
            throw new BadInput(
                    "not a fact",
                    "--fact " + text,
                    FORM,
                    parts.size() == 3 ? "an empty part" : parts.size() + (parts.size() == 1 ? " part" : " parts"),
                    "write for example \"Kenya | capital | Nairobi\"");
        }
        if (parts.get(0).equalsIgnoreCase(parts.get(2))) {
            throw new BadInput(
                    "a fact about nothing else",
                    "--fact " + text,
                    "an object that is not the subject",
                    parts.get(0) + " twice",
                    "give the object that the relation leads to");
        }
        Relation relation = relation(parts.get(1), text, relations);
        return new Fact(parts.get(0), relation.id(), relation.label(), parts.get(2));
    }

    private static Relation relation(String name, String text, Relations relations) {
        List<Relation> meant = relations.all().stream()
                .filter(one -> one.id().equals(name) || one.label().equalsIgnoreCase(name))
                .toList();
        if (meant.size() == 1) {
            return meant.get(0);
        }
        List<Relation> near = meant.isEmpty() ? near(name, relations) : meant;
        throw new BadInput(
                meant.isEmpty() ? "no such relation" : "a name of several relations",
                "--fact " + text,
                near.stream().map(one -> one.label() + " (" + one.id() + ")").collect(Collectors.joining(", ")),
                name,
                meant.isEmpty() ? "add its sentences to the file of --relations" : "give the id");
    }

    /** Those whose name holds a word of the one that was meant; all where none does. */
    private static List<Relation> near(String name, Relations relations) {
        List<String> words = List.of(name.toLowerCase(Locale.ROOT).split("\\s+"));
        List<Relation> near = relations.all().stream()
                .filter(one -> words.stream()
                        .anyMatch(word -> word.length() > 2
                                && one.label().toLowerCase(Locale.ROOT).contains(word)))
                .toList();
        return near.isEmpty() ? relations.all() : near;
    }
}
