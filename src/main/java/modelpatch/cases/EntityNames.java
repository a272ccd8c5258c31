package modelpatch.cases;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;

/**
 * How sentences say the names of entities, and which other names count as the same answer. Immutable.
 *
 * <p>A name may need words before it inside a sentence ({@code the United States of America}); they stay outside of the answers, which
 * are matched after removing a leading article.
 */
public final class EntityNames {
    private static final EntityNames NONE = new EntityNames(Map.of());

    private final Map<String, Entry> entries;

    /**
     * How one entity is said.
     *
     * @param lead the words that stand before the name in a sentence, empty for none
     * @param aliases other names of the same entity
     */
    public record Entry(String lead, List<String> aliases) {
        public Entry {
            aliases = List.copyOf(aliases);
        }
    }

    private EntityNames(Map<String, Entry> entries) {
        this.entries = entries;
    }

    /** Every entity under its own name, without aliases. */
    public static EntityNames none() {
        return NONE;
    }

    /** Names that a program gives. */
    public static EntityNames of(Map<String, Entry> entries) {
        return new EntityNames(new LinkedHashMap<>(entries));
    }

    /**
     * Reads a TSV file with the columns {@code entity}, {@code lead} and {@code aliases} (separated by {@code |}).
     *
     * @throws BadInput naming file, line and column, also for an entity listed twice and for a name that two entities share
     */
    public static EntityNames read(Path tsv) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, TsvFile.Row> rows = new HashMap<>();
        List<TsvFile.Row> table = TsvFile.read(tsv, List.of("entity"), List.of("lead", "aliases"));
        for (TsvFile.Row row : table) {
            claim(row.cell("entity"), "entity", row, rows);
            entries.put(row.cell("entity"), new Entry(row.cell("lead"), row.list("aliases")));
        }
        for (TsvFile.Row row : table) {
            row.list("aliases").forEach(alias -> claim(alias, "aliases", row, rows));
        }
        return new EntityNames(entries);
    }

    /** The names in {@code entities.tsv} beside a file of relations; none where there is no such file. */
    public static EntityNames beside(Path relations) {
        Path names = relations.resolveSibling("entities.tsv");
        return Files.exists(names) ? read(names) : NONE;
    }

    private static void claim(String name, String column, TsvFile.Row row, Map<String, TsvFile.Row> rows) {
        TsvFile.Row first = rows.putIfAbsent(name, row);
        if (first != null) {
            throw new BadInput(
                    "a name for two entities",
                    row.where(column),
                    "a name that no other line has",
                    "'" + name + "' as in line " + first.line(),
                    "remove one of them");
        }
    }

    /** The name as a sentence says it, ending with the name itself. */
    public String inSentence(String entity) {
        String lead = Optional.ofNullable(entries.get(entity)).map(Entry::lead).orElse("");
        return lead.isEmpty() ? entity : lead + " " + entity;
    }

    /** Other names of the entity. */
    public List<String> aliases(String entity) {
        return Optional.ofNullable(entries.get(entity)).map(Entry::aliases).orElse(List.of());
    }

    /** Every entity that has an entry. */
    public Set<String> entities() {
        return Set.copyOf(entries.keySet());
    }
}
