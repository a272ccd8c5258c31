package modelpatch.cases;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Demonstrations that a model reads before every prompt, the same for all. They are part of a protocol's identity.
 *
 * @param id such as {@code cloze-5+2}
 * @param form the form of the prompts that they prepare for
 * @param demonstrations full sentences with their period, or {@code Q: ...\nA: ...} pairs
 */
public record FewShot(String id, Form form, List<String> demonstrations) {
    public FewShot {
        demonstrations = List.copyOf(demonstrations);
    }

    /** No demonstrations: the bare prompts of a form. */
    public static FewShot none(Form form) {
        return new FewShot("bare " + form.key(), form, List.of());
    }

    /** The shared prefix: every demonstration with a line end after it; empty without demonstrations. */
    public String text() {
        StringBuilder text = new StringBuilder();
        demonstrations.forEach(one -> text.append(one).append('\n'));
        return text.toString();
    }

    /** Whether a demonstration says something about a case: names its subject, an object of its hops, or an accepted alias of one. */
    boolean namesSomethingOf(CompositionalCase one) {
        return Stream.concat(Stream.of(one.subject()), one.hops().stream().flatMap(hop -> hop.answers().stream()))
                .anyMatch(name -> demonstrations.stream().anyMatch(text -> Mentions.readable(name, text)));
    }

    /**
     * The names that a demonstration would give away: subjects, objects and accepted aliases of the facts that can be read in one. Empty
     * for a prefix that may be used with these facts.
     */
    public List<String> leaks(FactTable facts, EntityNames names) {
        List<String> leaks = new ArrayList<>();
        for (String name : names(facts, names)) {
            for (String demonstration : demonstrations) {
                if (Mentions.readable(name, demonstration)) {
                    leaks.add(name + " in: " + demonstration);
                }
            }
        }
        return leaks;
    }

    /** Subjects, objects and accepted aliases of facts. */
    static Set<String> names(FactTable facts, EntityNames names) {
        Set<String> all = new LinkedHashSet<>(facts.entities());
        facts.facts().forEach(fact -> all.addAll(fact.aliases()));
        facts.entities().forEach(entity -> all.addAll(names.aliases(entity)));
        return all;
    }

    /** {@link #leaks(FactTable, EntityNames)} of facts whose aliases all stand in the table. */
    List<String> leaks(FactTable facts) {
        return leaks(facts, EntityNames.none());
    }
}
