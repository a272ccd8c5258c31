package modelpatch.guard;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.document.Located;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Tally;

/**
 * The limits that a patch must keep. A limit that a file does not name has its default; {@link #CLAIMS} have none and are judged only where
 * they are named, or where the method claims them.
 *
 * @param limits by name, in the order of {@link #DEFAULTS}
 * @param mayBeUndecided names of gates that need not be decided for a patch to pass
 */
public record Gates(Map<String, Double> limits, Set<String> mayBeUndecided) {
    static final String LEAST = "_min";

    static final String CORRECTION = "correction_min";
    static final String PARAPHRASE = "paraphrase_min";
    static final String GENERALISATION = "generalisation_min";
    static final String SIBLINGS = "siblings_min";
    static final String EARLIER_REPAIRS = "harm_earlier_repairs_max";
    static final String KL = "drift_kl_max";
    static final String FLIPS = "drift_top_flips_max";
    static final String PERPLEXITY = "drift_perplexity_ratio_max";
    static final String NORM = "change_relative_norm_max";
    static final String RANK = "change_rank_share_max";
    static final String QUANTISED = "quantised_correction_min";

    private static final String MAY_BE_UNDECIDED = "may_be_undecided";

    /** What a method that claims a set has to show of it at least. */
    private static final double CLAIMED = 0.5;

    /** Sets of which a sample is judged, with the name of the limit: on repair where the set must change, on harm r_O where it must not. */
    private static final Map<EditSet, String> SAMPLED = sampledNames();

    /** Limits without a default. */
    private static final Set<String> CLAIMS = Set.of(GENERALISATION, SIBLINGS);

    /**
     * What holds without a file: most of what is taken must be repaired, in other words too, by a change that is small beside what it changes;
     * and of what was right little may break, least of all what has nothing to do with the edit.
     */
    public static final Gates DEFAULTS = new Gates(defaults(), Set.of());

    public Gates {
        limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
        mayBeUndecided = Collections.unmodifiableSet(new LinkedHashSet<>(mayBeUndecided));
    }

    private static Map<EditSet, String> sampledNames() {
        Map<EditSet, String> names = new LinkedHashMap<>();
        names.put(EditSet.PARAPHRASE, PARAPHRASE);
        names.put(EditSet.GENERALISATION, GENERALISATION);
        names.put(EditSet.SIBLINGS, SIBLINGS);
        names.put(EditSet.SPECIFICITY_RELATION, "harm_specificity_relation_max");
        names.put(EditSet.SPECIFICITY_RANDOM, "harm_specificity_random_max");
        names.put(EditSet.HOPS, "harm_hops_max");
        return names;
    }

    private static Map<String, Double> defaults() {
        Map<String, Double> limits = new LinkedHashMap<>();
        limits.put(CORRECTION, 0.8);
        limits.put(PARAPHRASE, 0.5);
        limits.put(SAMPLED.get(EditSet.SPECIFICITY_RELATION), 0.15);
        limits.put(SAMPLED.get(EditSet.SPECIFICITY_RANDOM), 0.03);
        limits.put(SAMPLED.get(EditSet.HOPS), 0.05);
        limits.put(EARLIER_REPAIRS, 0.05);
        limits.put(KL, 0.1);
        limits.put(FLIPS, 0.1);
        limits.put(PERPLEXITY, 1.05);
        limits.put(NORM, 4.0);
        limits.put(RANK, 0.6);
        limits.put(QUANTISED, 0.8);
        return limits;
    }

    /**
     * Reads limits from a YAML file: a mapping from names to numbers, and under {@code may_be_undecided} a list of names.
     *
     * @throws BadInput naming file, line and column for an unknown key, a key given twice, and what is no number of at least 0
     */
    public static Gates read(Path yaml) {
        Map<String, Double> limits = new LinkedHashMap<>(DEFAULTS.limits);
        Set<String> undecided = new LinkedHashSet<>();
        Located root = Located.yaml(yaml);
        if (root.value() != null) {
            Set<String> names = new LinkedHashSet<>(DEFAULTS.limits.keySet());
            names.addAll(CLAIMS);
            Set<String> keys = new LinkedHashSet<>(names);
            keys.add(MAY_BE_UNDECIDED);
            root.fields("gates", keys).forEach((name, limit) -> {
                if (name.equals(MAY_BE_UNDECIDED)) {
                    limit.items(name).forEach(one -> undecided.add(known(one, names)));
                } else {
                    limits.put(name, limit.number(name, 0, Double.MAX_VALUE));
                }
            });
        }
        return new Gates(limits, undecided);
    }

    private static String known(Located one, Set<String> names) {
        String name = one.text(MAY_BE_UNDECIDED);
        if (!names.contains(name)) {
            throw new BadInput(
                    "no such gate",
                    one.where(),
                    "one of " + String.join(", ", names),
                    name,
                    "give a name of that list");
        }
        return name;
    }

    /** The sets whose harm r_O is limited. */
    public static Set<EditSet> limitedSets() {
        Set<EditSet> sets = new LinkedHashSet<>(SAMPLED.keySet());
        sets.removeIf(EditSet::mustChange);
        return sets;
    }

    /** The largest share of right answers of a limited set that may turn wrong. */
    public double limitOfHarm(EditSet set) {
        return limits.get(SAMPLED.get(set));
    }

    /** The least share of the edited cases' other wordings that must be right. */
    public double limitOfParaphrase() {
        return limits.get(PARAPHRASE);
    }

    /** Whether a gate's value is measured whole, without sampling cases, as drift and the size of the change are. */
    public static boolean isExact(String name) {
        return Set.of(KL, FLIPS, PERPLEXITY, NORM, RANK).contains(name);
    }

    /** Whether a gate is of drift on text. */
    static boolean isOfDrift(String name) {
        return Set.of(KL, FLIPS, PERPLEXITY).contains(name);
    }

    /** Whether a gate asks for repair, as against forbidding harm. */
    public static boolean isOfRepair(String name) {
        return name.endsWith(LEAST);
    }

    public double limit(String name) {
        return limits.get(name);
    }

    /** The same with every limit on harm and drift tightened to a share of itself; for choices that must hold on other questions too. */
    public Gates tightened(double share) {
        Map<String, Double> tight = new LinkedHashMap<>(limits);
        tight.replaceAll((name, limit) -> isOfRepair(name) ? limit : limit * share);
        tight.put(PERPLEXITY, 1 + (limits.get(PERPLEXITY) - 1) * share);
        return new Gates(tight, mayBeUndecided);
    }

    /** The same with a limit on every set that a method claims to repair beside its own cases, where there is none yet. */
    public Gates claiming(Set<EditSet> sets) {
        Map<String, Double> more = new LinkedHashMap<>(limits);
        sets.forEach(set -> more.putIfAbsent(SAMPLED.get(set), CLAIMED));
        return new Gates(more, mayBeUndecided);
    }

    /** The same, none of which need be decided: for suites that are too small to say, such as an example's. */
    public Gates orUndecided() {
        return new Gates(limits, limits.keySet());
    }

    /** Judges a patch: every gate that there is something to judge by. */
    public List<GateResult> judge(GateEvidence evidence) {
        List<GateResult> results = new ArrayList<>();
        results.add(GateResult.census(
                CORRECTION,
                limits.get(CORRECTION),
                evidence.pairs(EditSet.CORRECTION).corrected()));
        SAMPLED.forEach((set, name) -> {
            if (limits.containsKey(name)) {
                results.add(GateResult.sample(name, limits.get(name), judged(set, evidence.pairs(set))));
            }
        });
        evidence.earlierRepairs()
                .ifPresent(outcome ->
                        results.add(GateResult.census(EARLIER_REPAIRS, limits.get(EARLIER_REPAIRS), outcome.harmed())));
        evidence.drift().ifPresent(found -> {
            whole(results, KL, found.klMean());
            whole(results, FLIPS, found.topFlips());
            whole(results, PERPLEXITY, found.perplexityRatio());
        });
        evidence.change().ifPresent(change -> {
            whole(results, NORM, change.relativeNorm());
            whole(results, RANK, change.rankShare());
            change.quantised()
                    .ifPresent(kept -> results.add(GateResult.census(QUANTISED, limits.get(QUANTISED), kept)));
        });
        return List.copyOf(results);
    }

    /** What a sampled gate judges of a set: the corrected of one that must change, the harmed of one that must not. */
    public static Tally judged(EditSet set, PairedOutcome pairs) {
        return set.mustChange() ? pairs.corrected() : pairs.harmed();
    }

    /** Judges harm of a set by the limit of that set. */
    GateResult judgeHarm(EditSet set, Tally harmed) {
        return GateResult.sample(SAMPLED.get(set), limitOfHarm(set), harmed);
    }

    private void whole(List<GateResult> results, String name, double value) {
        results.add(GateResult.whole(name, limits.get(name), OptionalDouble.of(value)));
    }

    /** The sets of sampled gates that are open: more items could decide them. */
    public Set<EditSet> open(List<GateResult> results) {
        Set<EditSet> open = new LinkedHashSet<>();
        SAMPLED.forEach((set, name) -> results.stream()
                .filter(gate -> gate.name().equals(name) && gate.state() == GateResult.State.UNDECIDED)
                .filter(gate -> !mayBeUndecided.contains(name))
                .forEach(gate -> open.add(set)));
        return open;
    }

    /**
     * How many items are enough to judge a set by: the fewest at which failures as frequent as they were so far, or at least half as frequent
     * as is allowed, would decide its gate. A patch twice as good as it must be is then decided more often than not.
     *
     * @param seen what was judged so far, see {@link #judged}
     */
    public int enough(EditSet set, Tally seen) {
        double limit = limits.get(SAMPLED.get(set));
        double allowed = set.mustChange() ? 1 - limit : limit;
        double failures = seen.rate().isEmpty()
                ? 0
                : set.mustChange() ? 1 - seen.rate().getAsDouble() : seen.rate().getAsDouble();
        double expected = Math.max(failures, allowed / 2);
        for (int n = 1; n < MOST_ITEMS; n++) {
            Interval interval = Interval.exact(Math.round(expected * n), n).orElseThrow();
            if (interval.high() <= allowed || interval.low() > allowed) {
                return n;
            }
        }
        return MOST_ITEMS;
    }

    /** More would be asked only of a patch that is as bad as it may just be. */
    private static final int MOST_ITEMS = 2000;

    /** {@code passed} or {@code failed}. */
    public static String verdict(boolean passed) {
        return passed ? "passed" : "failed";
    }

    /**
     * What all gates say together: failed where one failed, else undecided where one is that must not be, else passed.
     */
    public GateResult.State verdict(List<GateResult> results) {
        if (results.stream().anyMatch(gate -> gate.state() == GateResult.State.FAILED)) {
            return GateResult.State.FAILED;
        }
        return results.stream()
                        .anyMatch(gate ->
                                gate.state() == GateResult.State.UNDECIDED && !mayBeUndecided.contains(gate.name()))
                ? GateResult.State.UNDECIDED
                : GateResult.State.PASSED;
    }
}
