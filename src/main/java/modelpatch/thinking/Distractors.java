package modelpatch.thinking;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.SeededOrder;

/** Entities that are not the answer of a case, drawn by a seed: options to choose among, and what hints say. */
final class Distractors {
    private final Background background;
    private final long seed;
    private final Map<String, Set<String>> byType = new TreeMap<>();

    /** @param cases whose objects, of all hops, are what is drawn from */
    Distractors(Collection<CompositionalCase> cases, Background background, long seed) {
        this.background = background;
        this.seed = seed;
        for (CompositionalCase one : cases) {
            for (Fact hop : one.hops()) {
                byType.computeIfAbsent(background.objectType(hop), type -> new TreeSet<>())
                        .add(hop.object());
            }
        }
    }

    /** Some objects of the answer's type that are neither the answer, nor an entity of the case, nor the shortcut. */
    List<String> ofAnswersType(CompositionalCase one, int most, String purpose) {
        return drawn(byType.getOrDefault(background.objectType(one.lastHop()), Set.of()), one, most, purpose);
    }

    /** An object of another type than the answer's and the bridge's. */
    Optional<String> irrelevant(CompositionalCase one) {
        Set<String> others = new TreeSet<>();
        Set<String> types =
                new TreeSet<>(one.hops().stream().map(background::objectType).toList());
        byType.forEach((type, objects) -> {
            if (!types.contains(type)) {
                others.addAll(objects);
            }
        });
        return drawn(others, one, 1, "irrelevant").stream().findFirst();
    }

    /** What the last relation gives for the subject itself, where a fact says so and it is another entity than the answer. */
    Optional<String> shortcut(CompositionalCase one) {
        return background.facts().about(one.subject()).stream()
                .filter(fact -> fact.relation().equals(one.lastHop().relation()))
                .map(Fact::object)
                .filter(object -> !one.answers().contains(object))
                .findFirst();
    }

    private List<String> drawn(Set<String> objects, CompositionalCase one, int most, String purpose) {
        List<String> free = new ArrayList<>(objects);
        free.removeAll(one.answers());
        free.removeAll(one.bridges());
        free.remove(one.subject());
        shortcut(one).ifPresent(free::remove);
        return SeededOrder.shuffled(free, most, SeededOrder.draws(seed, purpose, one.id()));
    }
}
