package modelpatch.locate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.evaluate.Artefact;
import modelpatch.evaluate.EvaluationCounts;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.KnownSample;

/**
 * What finding found: the failures with their diagnoses, the heads and layers that carry the missing effect, and what it takes to find it
 * again. Its JSON has the components as fields, in snake case; fields may be added in later versions, none is renamed.
 *
 * @param format number of this form of findings, {@link #FORMAT}
 * @param model what was examined
 * @param protocol identity of the protocol that decided what counts as right, its few-shot prefix included
 * @param seed decided splits, limits, controls and bootstraps
 * @param complete false where the work was interrupted; then failures may be missing and rankings rest on fewer cases
 * @param options what was computed
 * @param split which known cases stood on which side: choices rest on {@code choose} alone
 * @param counts of the evaluation
 * @param capped the same where no answer fills too large a share; empty where no cap was asked for
 * @param gap share of failures among the cases whose hops are all known
 * @param gapCi its interval, a cluster bootstrap by bridge
 * @param lens what counts as surfaced in the lens, and whether it can tell
 * @param heads at the last token, greatest score first
 * @param last ranking at the last token without its heads, which stand under {@code heads}
 * @param phraseEnd ranking at the end of the first hop's phrase; empty where that was not asked for
 * @param sites where an edit should act
 * @param diagnoses how many failures have each diagnosis, all diagnoses present
 * @param wrongAnswers how many failures have each kind of wrong answer, all kinds present
 * @param failures ordered by id
 * @param seconds wall-clock seconds of each part of the work
 * @param sample how far the suite was asked to find so many known cases; empty where all of it was asked for
 * @param asked what was typed to say model, facts and protocol, by long option name; what works on with the findings takes it over
 */
public record Findings(
        int format,
        Model model,
        String protocol,
        long seed,
        boolean complete,
        LocateOptions options,
        Split split,
        EvaluationCounts counts,
        Optional<EvaluationCounts> capped,
        OptionalDouble gap,
        Optional<Interval> gapCi,
        LensThreshold lens,
        List<RankedHead> heads,
        LastToken last,
        Optional<Ranking> phraseEnd,
        Sites sites,
        Map<String, Integer> diagnoses,
        Map<String, Integer> wrongAnswers,
        List<FailureFinding> failures,
        Map<String, Double> seconds,
        Optional<KnownSample> sample,
        Map<String, String> asked) {
    /** The form of findings that this version writes and reads. */
    public static final int FORMAT = 1;

    /** Ids that a message names. */
    private static final int LISTED = 10;

    /**
     * What was examined.
     *
     * @param digest SHA-256 over its tensors
     * @param architecture the family, as its configuration names it
     * @param reading how its tensors were read; empty in a file of an earlier version
     */
    public record Model(
            String name, String digest, String architecture, long parameters, Optional<BaseReading> reading) {}

    /**
     * The known cases by id.
     *
     * @param choose on the side that choices are made on
     * @param report on the side that results come from
     */
    public record Split(Side choose, Side report) {
        /** By the id of every known case, whether its composition is right. */
        public Map<String, Boolean> composed() {
            Map<String, Boolean> composed = new LinkedHashMap<>();
            for (Side side : List.of(choose, report)) {
                side.composed().forEach(id -> composed.put(id, true));
                side.failures().forEach(id -> composed.put(id, false));
            }
            return composed;
        }
    }

    /**
     * The known cases of one side.
     *
     * @param failures wrong compositions
     * @param composed right ones
     */
    public record Side(List<String> failures, List<String> composed) {
        public Side {
            failures = List.copyOf(failures);
            composed = List.copyOf(composed);
        }
    }

    /**
     * What the ranking at the last token rests on.
     *
     * @param cases failing cases of the choose side with a control
     * @param bridges how many different bridges they have
     * @param layers other kinds of site than heads, by layer
     */
    public record LastToken(int cases, int bridges, ByLayerSite<List<RankedLayer>> layers) {
        /** Fewer cases, or fewer bridges, leave an interval that a single case decides. */
        public static final int FEWEST_CASES = 10;

        public static final int FEWEST_BRIDGES = 5;

        /** Whether there are cases enough to say something of single heads. */
        public boolean tellsHeads() {
            return cases >= FEWEST_CASES && bridges >= FEWEST_BRIDGES;
        }

        /** How many times as many facts of the same kind would be enough, in halves. */
        public double factsNeeded() {
            double share = Math.min((double) cases / FEWEST_CASES, (double) bridges / FEWEST_BRIDGES);
            return Math.ceil(2 / Math.max(share, 1.0 / FEWEST_CASES)) / 2;
        }
    }

    public Findings {
        heads = List.copyOf(heads);
        failures = List.copyOf(failures);
        diagnoses = Collections.unmodifiableMap(new LinkedHashMap<>(diagnoses));
        wrongAnswers = Collections.unmodifiableMap(new LinkedHashMap<>(wrongAnswers));
        seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
        asked = asked == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(asked));
    }

    public Optional<FailureFinding> find(String id) {
        return failures.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** Failures whose answer may be right after all, by why. */
    public Map<Artefact, List<FailureFinding>> artefacts() {
        Map<Artefact, List<FailureFinding>> found = new EnumMap<>(Artefact.class);
        failures.forEach(one -> one.evidence()
                .artefact()
                .ifPresent(why ->
                        found.computeIfAbsent(why, any -> new ArrayList<>()).add(one)));
        return found;
    }

    /** A failure to look at: the first that was mediated, else the first. */
    public FailureFinding example() {
        return failures.stream()
                .filter(one -> one.evidence().mediation().isPresent())
                .findFirst()
                .orElseGet(() -> failures.get(0));
    }

    /** Whether an edit has somewhere to act, failures to be chosen by and failures to be judged by. */
    public boolean repairable() {
        return !sites.windows().isEmpty()
                && !split.choose().failures().isEmpty()
                && !split.report().failures().isEmpty();
    }

    /**
     * The failure that an id, or the beginning of only one, names.
     *
     * @param where the findings are from, for messages
     * @throws BadInput naming ids that begin so, or some of all
     */
    public FailureFinding named(String beginning, String where) {
        List<String> begun = failures.stream()
                .map(FailureFinding::id)
                .filter(id -> id.startsWith(beginning))
                .toList();
        Optional<FailureFinding> exact = find(begun.size() == 1 ? begun.get(0) : beginning);
        return exact.orElseThrow(() -> new BadInput(
                begun.isEmpty() ? "no such failure" : "several failures",
                "--case " + beginning,
                begun.isEmpty() ? "the id of a failure in " + where + ", or its beginning" : "the beginning of one id",
                begun.isEmpty() ? "none of its " + failures.size() : listed(begun),
                begun.isEmpty()
                        ? "there are "
                                + listed(failures.stream()
                                        .map(FailureFinding::id)
                                        .toList())
                        : "give more of it"));
    }

    private static String listed(List<String> ids) {
        String some = String.join(", ", ids.subList(0, Math.min(LISTED, ids.size())));
        return ids.size() > LISTED ? some + " and " + (ids.size() - LISTED) + " more" : some.isEmpty() ? "none" : some;
    }

    /** The same with the seconds of a part of the work that was done elsewhere. */
    Findings withSeconds(String part, double value) {
        Map<String, Double> more = new LinkedHashMap<>(seconds);
        more.put(part, value);
        return with(more, sample, asked);
    }

    /** The same with what was typed. */
    Findings withAsked(Map<String, String> typed) {
        return with(seconds, sample, typed);
    }

    /** The same with how far the suite was asked. */
    public Findings withSample(Optional<KnownSample> taken) {
        return with(seconds, taken, asked);
    }

    private Findings with(Map<String, Double> seconds, Optional<KnownSample> sample, Map<String, String> asked) {
        return new Findings(
                format,
                model,
                protocol,
                seed,
                complete,
                options,
                split,
                counts,
                capped,
                gap,
                gapCi,
                lens,
                heads,
                last,
                phraseEnd,
                sites,
                diagnoses,
                wrongAnswers,
                failures,
                seconds,
                sample,
                asked);
    }
}
