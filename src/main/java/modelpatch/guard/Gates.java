package modelpatch.guard;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.document.Located;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;

/**
 * The limits that a patch must keep. A limit that a file does not name has its default.
 *
 * @param limits by name, in the order of {@link #DEFAULTS}; all names present
 */
public record Gates(Map<String, Double> limits) {
    static final String LEAST = "_min";

    static final String CORRECTION = "correction_min";
    static final String EARLIER_REPAIRS = "harm_earlier_repairs_max";
    static final String KL = "drift_kl_max";
    static final String FLIPS = "drift_top_flips_max";
    static final String PERPLEXITY = "drift_perplexity_ratio_max";

    /** Sets whose harm r_O is limited, with the name of the limit. */
    private static final Map<EditSet, String> HARM = harmNames();

    /**
     * What holds without a file: most of what is taken must be repaired, and of what was right little may break, least of all what has
     * nothing to do with the edit.
     */
    public static final Gates DEFAULTS = new Gates(defaults());

    public Gates {
        limits = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(limits));
    }

    private static Map<EditSet, String> harmNames() {
        Map<EditSet, String> names = new LinkedHashMap<>();
        names.put(EditSet.SPECIFICITY_RELATION, "harm_specificity_relation_max");
        names.put(EditSet.SPECIFICITY_RANDOM, "harm_specificity_random_max");
        names.put(EditSet.HOPS, "harm_hops_max");
        return names;
    }

    private static Map<String, Double> defaults() {
        Map<String, Double> limits = new LinkedHashMap<>();
        limits.put(CORRECTION, 0.8);
        limits.put(HARM.get(EditSet.SPECIFICITY_RELATION), 0.15);
        limits.put(HARM.get(EditSet.SPECIFICITY_RANDOM), 0.03);
        limits.put(HARM.get(EditSet.HOPS), 0.05);
        limits.put(EARLIER_REPAIRS, 0.05);
        limits.put(KL, 0.1);
        limits.put(FLIPS, 0.1);
        limits.put(PERPLEXITY, 1.05);
        return limits;
    }

    /**
     * Reads limits from a YAML file: one mapping from names to numbers.
     *
     * @throws BadInput naming file, line and column for an unknown key, a key given twice, and what is no number of at least 0
     */
    public static Gates read(Path yaml) {
        Map<String, Double> limits = new LinkedHashMap<>(DEFAULTS.limits);
        Located root = Located.yaml(yaml);
        if (root.value() != null) {
            root.fields("gates", DEFAULTS.limits.keySet())
                    .forEach((name, limit) -> limits.put(name, limit.number(name, 0, Double.MAX_VALUE)));
        }
        return new Gates(limits);
    }

    /** The sets whose harm r_O is limited. */
    public static Set<EditSet> limitedSets() {
        return HARM.keySet();
    }

    /** The largest share of right answers of a limited set that may turn wrong. */
    public double limitOfHarm(EditSet set) {
        return limits.get(HARM.get(set));
    }

    /** Whether a gate's value is measured without sampling cases, as drift is. */
    public static boolean isExact(String name) {
        return List.of(KL, FLIPS, PERPLEXITY).contains(name);
    }

    /** Whether a gate asks for repair, as against forbidding harm. */
    public static boolean isOfCorrection(String name) {
        return name.equals(CORRECTION);
    }

    public double limit(String name) {
        return limits.get(name);
    }

    /** The same with every limit on harm and drift tightened to a share of itself; for choices that must hold on other questions too. */
    public Gates tightened(double share) {
        Map<String, Double> tight = new LinkedHashMap<>(limits);
        tight.replaceAll((name, limit) -> name.endsWith(LEAST) ? limit : limit * share);
        tight.put(PERPLEXITY, 1 + (limits.get(PERPLEXITY) - 1) * share);
        return new Gates(tight);
    }

    /**
     * Judges a patch.
     *
     * @param sets the table of every set
     * @param earlierRepairs what patches below had repaired, before and after; empty without such
     * @param drift empty where it was not measured
     */
    public List<GateResult> judge(
            Map<EditSet, SetOutcome> sets, Optional<SetOutcome> earlierRepairs, Optional<Drift> drift) {
        List<GateResult> results = new ArrayList<>();
        SetOutcome correction = sets.get(EditSet.CORRECTION);
        add(results, CORRECTION, correction == null ? OptionalDouble.empty() : correction.correctionRate());
        HARM.forEach((set, name) ->
                add(results, name, sets.containsKey(set) ? sets.get(set).harmRate() : OptionalDouble.empty()));
        earlierRepairs.ifPresent(outcome -> add(results, EARLIER_REPAIRS, outcome.harmRate()));
        drift.ifPresent(found -> {
            add(results, KL, OptionalDouble.of(found.klMean()));
            add(results, FLIPS, OptionalDouble.of(found.topFlips()));
            add(results, PERPLEXITY, OptionalDouble.of(found.perplexityRatio()));
        });
        return List.copyOf(results);
    }

    /** Judges one number by the limit of this name. */
    GateResult judge(String name, OptionalDouble value) {
        return GateResult.of(name, limits.get(name), value);
    }

    private void add(List<GateResult> results, String name, OptionalDouble value) {
        results.add(GateResult.of(name, limits.get(name), value));
    }

    /** {@code passed} or {@code failed}. */
    public static String verdict(boolean passed) {
        return passed ? "passed" : "failed";
    }

    /** Whether every gate passed. */
    public static boolean allPassed(List<GateResult> results) {
        return results.stream().allMatch(GateResult::passed);
    }
}
