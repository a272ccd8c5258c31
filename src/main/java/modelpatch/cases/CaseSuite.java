package modelpatch.cases;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compositional cases with their numbers, and for each case the candidates of the sets by which an edit is judged. Whether a model knows
 * or answers a candidate is for an evaluator to say. All candidates of a case are on its own side of the suite. Immutable; the cases are
 * ordered by id, whatever the order of the facts.
 */
public final class CaseSuite {
    /** The share that no answer exceeds in a capped suite, unless somebody says otherwise. */
    public static final double USUAL_CAP = 0.1;

    private final List<CompositionalCase> cases;
    private final Counts counts;
    private final List<Ambiguity> ambiguities;

    CaseSuite(Collection<CompositionalCase> cases, Counts before, List<Ambiguity> ambiguities) {
        this.cases = cases.stream()
                .sorted(Comparator.comparing(CompositionalCase::id))
                .toList();
        this.ambiguities = List.copyOf(ambiguities);
        this.counts = counted(this.cases, before);
    }

    /** Composes every case that facts and relations allow; what is refused is counted by reason. No side of it starves, see {@link Balance}. */
    public static CaseSuite compose(FactTable facts, Relations relations, EntityNames names, SuiteRecipe recipe) {
        return new Composer(facts, relations, names, recipe).takeAll().balanced();
    }

    /** Ordered by id. */
    public List<CompositionalCase> cases() {
        return cases;
    }

    /** The cases on one side. */
    public List<CompositionalCase> cases(SuiteSplit split) {
        return cases.stream().filter(one -> one.split() == split).toList();
    }

    public Optional<CompositionalCase> find(String id) {
        return cases.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    public Counts counts() {
        return counts;
    }

    /** The subjects and relations that were refused as hops. */
    List<Ambiguity> ambiguities() {
        return ambiguities;
    }

    /** The form in which every case can be asked: clozes where all have them, else questions. */
    public Form form() {
        return canBeAsked(Form.CLOZE) ? Form.CLOZE : Form.QUESTION;
    }

    /** Whether every case has prompts of a form. */
    public boolean canBeAsked(Form form) {
        return cases.stream()
                .flatMap(one -> Stream.concat(Stream.of(one.compositions()), one.singleHops().stream()))
                .allMatch(prompts -> Query.first(prompts, form).isPresent());
    }

    /**
     * The largest part of the suite in which no answer fills more than the share, neither of all cases nor of those on one side; which
     * cases stay is decided by the seed. Empty where fewer than 1 / share different answers exist.
     *
     * @param share above 0, at most 1
     */
    public CaseSuite capped(double share, long seed) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is not in (0, 1]");
        }
        Set<String> kept = new HashSet<>();
        for (SuiteSplit split : SuiteSplit.values()) {
            kept.addAll(AnswerCap.kept(cases(split), share, seed));
        }
        return only(one -> kept.contains(one.id()));
    }

    /** The cases in the order in which the seed draws them. */
    public List<CompositionalCase> drawn(long seed) {
        return cases.stream()
                .sorted(SeededOrder.by(seed, "sample", CompositionalCase::id))
                .toList();
    }

    /** A part of {@code n} cases that the seed draws, or the whole suite where it has no more; the others count as {@link Counts#capped}. */
    public CaseSuite sample(int n, long seed) {
        Set<String> drawn =
                drawn(seed).stream().limit(n).map(CompositionalCase::id).collect(Collectors.toSet());
        return only(one -> drawn.contains(one.id()));
    }

    /** The cases that pass the test; the others count as {@link Counts#capped}. */
    public CaseSuite only(Predicate<CompositionalCase> test) {
        List<CompositionalCase> kept = cases.stream().filter(test).toList();
        return new CaseSuite(kept, counts, ambiguities);
    }

    /**
     * The same questions with other answers, such as a model's own; a question without any, or with one that its prompts would give away, is
     * left out.
     *
     * @param said the object of each hop of a case
     * @param seed of the sides, which follow the bridges
     */
    public CaseSuite answeredBy(Function<CompositionalCase, Optional<List<String>>> said, long seed) {
        List<CompositionalCase> answered = new ArrayList<>();
        for (CompositionalCase one : cases) {
            said.apply(one).flatMap(objects -> one.answeredBy(objects, seed)).ifPresent(answered::add);
        }
        return new CaseSuite(answered, counts, List.of());
    }

    /** Same subject and hops up to the bridge, another last relation and another answer. */
    public List<CompositionalCase> generalisation(CompositionalCase one) {
        return beside(
                one,
                other -> sameBeforeBridge(one, other)
                        && !lastRelation(other).equals(lastRelation(one))
                        && !sameAnswer(one, other));
    }

    /** Other subjects with the same bridge and last relation, hence the same answer. */
    public List<CompositionalCase> siblings(CompositionalCase one) {
        return beside(
                one,
                other -> !other.subject().equals(one.subject())
                        && other.bridge().equals(one.bridge())
                        && lastRelation(other).equals(lastRelation(one)));
    }

    /**
     * Same relations, another bridge. Cases with the same answer are left out: the very leak that the set is to show would pass for
     * being right.
     */
    public List<CompositionalCase> sameRelations(CompositionalCase one) {
        return beside(
                one,
                other -> other.relations().equals(one.relations())
                        && !other.bridge().equals(one.bridge())
                        && !sameAnswer(one, other));
    }

    /** Cases that share no relation, no bridge and no answer with this one, in an order drawn by the seed. */
    public List<CompositionalCase> random(CompositionalCase one, long seed) {
        List<CompositionalCase> others = new ArrayList<>(beside(
                one,
                other -> other.relations().stream().noneMatch(one.relations()::contains)
                        && !other.bridge().equals(one.bridge())
                        && !sameAnswer(one, other)));
        others.sort(SeededOrder.by(seed, "random " + one.id(), CompositionalCase::id));
        return List.copyOf(others);
    }

    /** The first {@code n} of {@link #random(CompositionalCase, long)}, or all where there are fewer. */
    List<CompositionalCase> random(CompositionalCase one, int n, long seed) {
        return random(one, seed).stream().limit(n).toList();
    }

    /**
     * How many prompts stand in more than one split of the templates, so that what an edit may use or a choice was made on would be scored
     * as a result; 0 for every suite of this toolkit, computed rather than believed.
     */
    public int templateOverlap() {
        Map<String, TemplateSplit> splits = new HashMap<>();
        Set<String> shared = new HashSet<>();
        for (CompositionalCase one : cases) {
            Stream.of(List.of(one.compositions(), one.guides()), one.singleHops())
                    .flatMap(List::stream)
                    .flatMap(List::stream)
                    .filter(query -> splits.computeIfAbsent(query.prompt(), prompt -> query.split()) != query.split())
                    .forEach(query -> shared.add(query.prompt()));
        }
        return shared.size();
    }

    /** How many bridges have cases on both sides; 0 for every suite of this toolkit, computed rather than believed. */
    int bridgeOverlap() {
        return bridgesOnBothSides().size();
    }

    Set<String> bridgesOnBothSides() {
        Set<String> choose = new TreeSet<>();
        Set<String> report = new HashSet<>();
        cases.forEach(one -> (one.split() == SuiteSplit.CHOOSE ? choose : report).addAll(one.bridges()));
        choose.retainAll(report);
        return choose;
    }

    private List<CompositionalCase> beside(CompositionalCase one, Predicate<CompositionalCase> test) {
        return cases.stream()
                .filter(other -> other.split() == one.split() && !other.id().equals(one.id()))
                .filter(test)
                .toList();
    }

    private static boolean sameBeforeBridge(CompositionalCase one, CompositionalCase other) {
        int last = one.hops().size() - 1;
        return other.hops().size() - 1 == last
                && other.subject().equals(one.subject())
                && other.relations().subList(0, last).equals(one.relations().subList(0, last));
    }

    private static boolean sameAnswer(CompositionalCase one, CompositionalCase other) {
        return other.answer().equals(one.answer());
    }

    private static String lastRelation(CompositionalCase one) {
        return one.lastHop().relation();
    }

    private static Counts counted(List<CompositionalCase> cases, Counts before) {
        Map<String, Integer> answers = AnswerCap.sizes(cases);
        Optional<Map.Entry<String, Integer>> commonest = answers.entrySet().stream()
                .min(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()));
        Set<String> bridges = new HashSet<>();
        cases.forEach(one -> bridges.addAll(one.bridges()));
        int choose = (int)
                cases.stream().filter(one -> one.split() == SuiteSplit.CHOOSE).count();
        return new Counts(
                before.facts(),
                before.repeatedFacts(),
                before.ambiguousPairs(),
                before.chains(),
                before.promptsLeftOut(),
                before.refused(),
                before.refusedByRelation(),
                cases.size(),
                before.chains() - before.allRefused() - cases.size(),
                choose,
                cases.size() - choose,
                bridges.size(),
                answers.size(),
                commonest.map(Map.Entry::getKey).orElse(""),
                commonest.map(Map.Entry::getValue).orElse(0));
    }
}
