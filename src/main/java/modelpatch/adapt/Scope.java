package modelpatch.adapt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;

/** How many questions share an adapter. */
public enum Scope {
    /** Each question has its own. */
    INSTANCE,
    /** The questions of one pair of relations. */
    PAIR,
    /** All of them. */
    SHARED;

    /** With fewer there is nothing to leave out of a sequence. */
    static final int FEWEST_DEMONSTRATIONS = 2;

    /** The name that files and flags use. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * One adapter: whom it is asked for, and what it is shown.
     *
     * @param demonstrations that tell nothing of the questions
     */
    record Task(String name, List<CompositionalCase> questions, List<CompositionalCase> demonstrations) {}

    /** What can be adapted for, and the questions for which there are no demonstrations that give nothing away. */
    record Tasks(List<Task> tasks, List<CompositionalCase> left) {}

    /**
     * Parts questions into tasks. Demonstrations are chosen for the first question of each pair that is open; where they would give others
     * away, those wait for a further task with other ones.
     *
     * @param candidates possible demonstrations
     * @param perPair how many are taken of each pair of relations
     * @param seed decides among demonstrations that are as good
     */
    Tasks tasks(List<CompositionalCase> questions, List<CompositionalCase> candidates, int perPair, long seed) {
        List<Task> tasks = new ArrayList<>();
        List<CompositionalCase> left = new ArrayList<>();
        grouped(questions).forEach((name, group) -> {
            List<CompositionalCase> open = group;
            int round = 0;
            while (!open.isEmpty()) {
                round++;
                Task task = task(name + (round == 1 ? "" : "/" + round), open, candidates, perPair, seed);
                if (task.questions().isEmpty()) {
                    left.addAll(open);
                    break;
                }
                tasks.add(task);
                open = new ArrayList<>(open);
                open.removeAll(task.questions());
            }
        });
        return new Tasks(tasks, left);
    }

    /** The tasks of questions that need no demonstrations. */
    List<Task> unshown(List<CompositionalCase> questions) {
        List<Task> tasks = new ArrayList<>();
        grouped(questions).forEach((name, group) -> tasks.add(new Task(name, group, List.of())));
        return tasks;
    }

    /** Whether one adapter serves both. */
    boolean shares(CompositionalCase one, CompositionalCase other) {
        return name(one).equals(name(other));
    }

    private String name(CompositionalCase one) {
        return switch (this) {
            case INSTANCE -> one.id();
            case PAIR -> Lesson.group(one);
            case SHARED -> "all";
        };
    }

    private Map<String, List<CompositionalCase>> grouped(List<CompositionalCase> questions) {
        Map<String, List<CompositionalCase>> groups = new TreeMap<>();
        for (CompositionalCase one : questions) {
            groups.computeIfAbsent(name(one), name -> new ArrayList<>()).add(one);
        }
        return groups;
    }

    private static Task task(
            String name, List<CompositionalCase> open, List<CompositionalCase> candidates, int perPair, long seed) {
        Map<String, List<CompositionalCase>> byPair = new LinkedHashMap<>();
        for (CompositionalCase one : open) {
            byPair.computeIfAbsent(Lesson.group(one), group -> new ArrayList<>())
                    .add(one);
        }
        List<CompositionalCase> chosen = new ArrayList<>();
        List<CompositionalCase> anchors = new ArrayList<>();
        Set<CompositionalCase> told = new HashSet<>();
        byPair.forEach((pair, asked) -> {
            Optional<CompositionalCase> anchor =
                    asked.stream().filter(one -> !told.contains(one)).findFirst();
            anchor.ifPresent(anchors::add);
            List<CompositionalCase> own = candidates.stream()
                    .filter(one -> Lesson.group(one).equals(pair)
                            && toldBy(one, anchors).isEmpty())
                    .toList();
            if (anchor.isEmpty() || own.size() < FEWEST_DEMONSTRATIONS) {
                told.addAll(asked);
                anchor.ifPresent(anchors::remove);
                return;
            }
            for (CompositionalCase demonstration : choose(own, open, perPair, seed)) {
                chosen.add(demonstration);
                told.addAll(toldBy(demonstration, open));
            }
        });
        List<CompositionalCase> clean =
                open.stream().filter(one -> !told.contains(one)).toList();
        Set<String> pairs = clean.stream().map(Lesson::group).collect(Collectors.toSet());
        return new Task(
                name,
                clean,
                chosen.stream().filter(one -> pairs.contains(Lesson.group(one))).toList());
    }

    /**
     * Demonstrations that tell of as few questions as can be, of the choose side where it has such, with as many different answers as there
     * are: one answer to all would be learned as the answer.
     */
    private static List<CompositionalCase> choose(
            List<CompositionalCase> candidates, List<CompositionalCase> open, int most, long seed) {
        Map<String, Integer> cost = new HashMap<>();
        candidates.forEach(one -> cost.put(one.id(), toldBy(one, open).size()));
        List<CompositionalCase> order = new ArrayList<>(SeededOrder.shuffled(
                candidates,
                SeededOrder.draws(seed, "demonstrations", open.get(0).id())));
        order.sort(Comparator.comparing((CompositionalCase one) -> cost.get(one.id()))
                .thenComparing(one -> one.split() == SuiteSplit.REPORT));
        List<CompositionalCase> chosen = new ArrayList<>();
        Set<String> answers = new HashSet<>();
        for (CompositionalCase one : order) {
            if (chosen.size() < most && answers.add(one.answer())) {
                chosen.add(one);
            }
        }
        order.removeAll(chosen);
        chosen.addAll(order.subList(0, Math.min(order.size(), most - chosen.size())));
        return chosen;
    }

    private static List<CompositionalCase> toldBy(CompositionalCase demonstration, List<CompositionalCase> open) {
        return open.stream()
                .filter(question -> LeakCheck.leak(demonstration, question).isPresent())
                .toList();
    }
}
