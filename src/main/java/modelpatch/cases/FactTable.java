package modelpatch.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;

/**
 * Facts that were read from a file or given by a program. A fact that repeats counts once (its aliases are joined); a subject and
 * relation with two different objects is ambiguous and kept apart. Immutable.
 */
public final class FactTable {
    private final Map<String, Map<String, Fact>> bySubject = new LinkedHashMap<>();
    private final List<Fact> facts;
    private final List<Fact> ambiguousFacts;
    private final List<Ambiguity> ambiguities;
    private final int repeated;

    /** A fact and the line that states it; line 0 where there is no file. */
    record Row(int line, Fact fact) {}

    /**
     * Reads a TSV file: UTF-8, a header with the columns {@code subject}, {@code relation}, {@code relation_label}, {@code object} and
     * optionally {@code aliases} (separated by {@code |}), in any order. Cells are trimmed and brought to Unicode NFC, since facts join by
     * name; the quotes of programs that write cells as CSV files have them are taken off.
     *
     * @throws modelpatch.BadInput naming file, line and column of what cannot be read
     */
    public static FactTable read(Path tsv) {
        return new FactTable(FactFile.rows(tsv));
    }

    /**
     * The same, refusing a file in which a subject and relation have two different objects.
     *
     * @throws modelpatch.BadInput also naming both lines of an ambiguity
     */
    public static FactTable readStrict(Path tsv) {
        FactTable table = read(tsv);
        table.ambiguities.stream().findFirst().ifPresent(ambiguity -> {
            throw FactFile.ambiguous(tsv, ambiguity);
        });
        return table;
    }

    /** A table of facts that a program made. */
    public static FactTable of(Collection<Fact> facts) {
        return new FactTable(facts.stream().map(fact -> new Row(0, fact)).toList());
    }

    /**
     * The same with other facts in place of what it says of their subjects and relations.
     *
     * @throws BadInput where two of them contradict each other
     */
    public FactTable teaching(Collection<Fact> others) {
        FactTable taught = of(others);
        taught.ambiguities().stream().findFirst().ifPresent(pair -> {
            throw new BadInput(
                    "two objects of one fact",
                    pair.subject() + ", " + pair.relation(),
                    "one",
                    String.join(" and ", pair.objects()),
                    "leave one out");
        });
        List<Fact> all = new ArrayList<>(facts);
        all.addAll(ambiguousFacts);
        all.removeIf(fact -> taught.find(fact.subject(), fact.relation()).isPresent());
        all.addAll(taught.facts());
        return of(all);
    }

    private FactTable(List<Row> rows) {
        Map<List<String>, List<Row>> byHop = new LinkedHashMap<>();
        int repeats = 0;
        for (Row row : rows) {
            List<Row> same = byHop.computeIfAbsent(
                    List.of(row.fact().subject(), row.fact().relation()), hop -> new ArrayList<>());
            int known = indexOf(row.fact(), same);
            if (known < 0) {
                same.add(row);
            } else {
                same.set(
                        known,
                        new Row(same.get(known).line(), joined(same.get(known).fact(), row.fact())));
                repeats++;
            }
        }
        List<Fact> usable = new ArrayList<>();
        List<Fact> unusable = new ArrayList<>();
        List<Ambiguity> found = new ArrayList<>();
        byHop.forEach((hop, same) -> {
            if (same.size() == 1) {
                usable.add(same.get(0).fact());
            } else {
                same.forEach(row -> unusable.add(row.fact()));
                found.add(ambiguity(same));
            }
        });
        usable.forEach(fact -> bySubject
                .computeIfAbsent(fact.subject(), subject -> new LinkedHashMap<>())
                .put(fact.relation(), fact));
        facts = List.copyOf(usable);
        ambiguousFacts = List.copyOf(unusable);
        ambiguities = List.copyOf(found);
        repeated = repeats;
    }

    /** Every fact that may serve as a hop, in the order of the file. */
    public List<Fact> facts() {
        return facts;
    }

    /** The one fact for a subject and relation; empty where there is none or more than one. */
    public Optional<Fact> find(String subject, String relation) {
        return Optional.ofNullable(bySubject.getOrDefault(subject, Map.of()).get(relation));
    }

    /** The facts about a subject, in the order of the file. */
    public List<Fact> about(String subject) {
        return List.copyOf(bySubject.getOrDefault(subject, Map.of()).values());
    }

    /** The subjects and relations with two objects, in the order of the file. */
    public List<Ambiguity> ambiguities() {
        return ambiguities;
    }

    /** The facts of {@link #ambiguities()}, which no hop uses. */
    List<Fact> ambiguousFacts() {
        return ambiguousFacts;
    }

    /** How many rows said again what an earlier row had said. */
    public int repeated() {
        return repeated;
    }

    /** Every subject and object that the table names, ambiguous ones too. */
    public Set<String> entities() {
        Set<String> entities = new LinkedHashSet<>();
        for (List<Fact> part : List.of(facts, ambiguousFacts)) {
            part.forEach(fact -> entities.addAll(List.of(fact.subject(), fact.object())));
        }
        return entities;
    }

    private static int indexOf(Fact fact, List<Row> rows) {
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).fact().saysTheSameAs(fact)) {
                return i;
            }
        }
        return -1;
    }

    private static Fact joined(Fact first, Fact again) {
        Set<String> aliases = new LinkedHashSet<>(first.aliases());
        aliases.addAll(again.aliases());
        return first.withAliases(List.copyOf(aliases));
    }

    private static Ambiguity ambiguity(List<Row> rows) {
        Fact fact = rows.get(0).fact();
        List<Integer> lines =
                rows.stream().map(Row::line).filter(line -> line > 0).toList();
        return new Ambiguity(
                fact.subject(),
                fact.relation(),
                rows.stream().map(row -> row.fact().object()).toList(),
                lines);
    }
}
