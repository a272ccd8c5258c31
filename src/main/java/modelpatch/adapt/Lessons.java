package modelpatch.adapt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.TemplateSplit;

/** Draws up what an adapter of a level is taught. Every wording comes from edit templates, so that no result is asked in a taught one. */
final class Lessons {
    private final Level level;
    private final Form form;
    private final OwnAnswers own;
    private final int perSequence;

    /** @param perSequence how many lessons of one kind stand in one sequence at most */
    Lessons(Level level, Form form, OwnAnswers own, int perSequence) {
        this.level = level;
        this.form = form;
        this.own = own;
        this.perSequence = perSequence;
    }

    /** The lessons of a task; none has a source that the level forbids. */
    List<Lesson> of(Scope.Task task) {
        LeakCheck.require(task.demonstrations(), task.questions());
        List<Lesson> lessons = new ArrayList<>();
        for (CompositionalCase one : task.demonstrations()) {
            lessons.add(new Lesson(
                    Level.Source.DEMONSTRATION, one.id(), Lesson.group(one), taught(one.compositions()), one.answer()));
        }
        Map<String, Integer> counts = new HashMap<>();
        for (CompositionalCase one : task.questions()) {
            if (level.allows(Level.Source.OWN_HOP)) {
                lessons.addAll(hops(one, Level.Source.OWN_HOP, own.hops(one)));
            }
            if (level.allows(Level.Source.GOLD_HOP)) {
                lessons.addAll(hops(
                        one,
                        Level.Source.GOLD_HOP,
                        one.hops().stream().map(hop -> hop.object()).toList()));
            }
            if (level.allows(Level.Source.OWN_COMPOSITION)) {
                int before = counts.merge(Lesson.group(one), 1, Integer::sum) - 1;
                String group = Lesson.group(one) + "/" + before / perSequence;
                own.composition(one)
                        .ifPresent(answer -> lessons.add(new Lesson(
                                Level.Source.OWN_COMPOSITION, one.id(), group, taught(one.compositions()), answer)));
            }
        }
        lessons.forEach(lesson -> level.require(lesson.source(), lesson.caseId()));
        return lessons;
    }

    /** The hops of a question, each asked of what was said to the hop before it. */
    private List<Lesson> hops(CompositionalCase one, Level.Source source, List<String> said) {
        List<Lesson> lessons = new ArrayList<>();
        for (int hop = 0; hop < said.size(); hop++) {
            List<Query> wordings = taught(one.singleHops().get(hop));
            if (hop > 0 && source == Level.Source.OWN_HOP) {
                String subject = said.get(hop - 1);
                wordings = wordings.stream()
                        .map(query -> query.template().fill(subject))
                        .toList();
            }
            lessons.add(new Lesson(source, one.id(), "hops of " + one.id(), wordings, said.get(hop)));
        }
        return lessons;
    }

    private List<Query> taught(List<Query> queries) {
        List<Query> fitting = OwnAnswers.ofForm(queries, form);
        List<Query> edit = fitting.stream()
                .filter(query -> query.split() == TemplateSplit.EDIT)
                .toList();
        return edit.isEmpty() ? fitting.subList(0, 1) : edit;
    }

    /**
     * The same lessons with wrong answers: those of their own group in another order, none at its place; where there are no others, an answer
     * of the same last relation that the suite has. What an adapter gains from them is the form of the answers, not their content.
     */
    static List<Lesson> shuffled(List<Lesson> lessons, CaseSuite suite, RandomGenerator random) {
        Map<String, List<String>> pools = new HashMap<>();
        for (Lesson lesson : lessons) {
            pools.computeIfAbsent(kind(lesson), kind -> new ArrayList<>()).add(lesson.answer());
        }
        List<Lesson> wrong = new ArrayList<>();
        for (Lesson lesson : lessons) {
            Set<String> others = new LinkedHashSet<>(pools.get(kind(lesson)));
            others.remove(lesson.answer());
            if (others.isEmpty()) {
                suite.find(lesson.caseId())
                        .ifPresent(one -> suite.cases().stream()
                                .filter(other -> other.lastHop()
                                        .relation()
                                        .equals(one.lastHop().relation()))
                                .map(CompositionalCase::answer)
                                .filter(answer -> !one.answers().contains(answer) && !answer.equals(lesson.answer()))
                                .forEach(others::add));
            }
            List<String> drawn = SeededOrder.shuffled(others, 1, random);
            wrong.add(drawn.isEmpty() ? lesson : lesson.answering(drawn.get(0)));
        }
        return wrong;
    }

    private static String kind(Lesson lesson) {
        return lesson.source() + " " + lesson.group();
    }
}
