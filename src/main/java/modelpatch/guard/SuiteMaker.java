package modelpatch.guard;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.Versions;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.RoundingTies;
import modelpatch.patch.WeightPatch;

/**
 * The use case {@code patch guard init}: writes a regression suite and its baseline. The items by which a stack of patches was judged are
 * asked again, without and with them: what they repaired must stay repaired, what they left right must stay right. Without patches, what the
 * model gets right must stay right.
 */
public final class SuiteMaker {
    private final PatchedModel patched;
    private final AskedSuite asked;
    private final Options options;
    private final Clock clock;
    private final Examiner before;

    /**
     * What a suite is to be.
     *
     * @param out its file
     * @param name empty for that of the file
     * @param why it exists; empty for the patches' own reasons
     * @param most cases of a set
     * @param limits where the limits of drift come from
     * @param canary the text that drift is measured on, if the model can write it
     */
    public record Options(
            Path out,
            Optional<String> name,
            Optional<String> why,
            int most,
            boolean overwrite,
            Gates limits,
            Path canary) {
        /** @throws BadInput for a file that is there and may not be overwritten, and for no cases */
        public Options {
            if (Files.exists(out) && !overwrite) {
                throw new BadInput(
                        "there is a suite already",
                        "--out " + out,
                        "a new file",
                        "a file",
                        "give --overwrite to replace it");
            }
            if (most < 1) {
                throw new BadInput("no cases", "--most", "1 or more", String.valueOf(most), "leave it out");
            }
        }

        String title() {
            return name.orElseGet(() -> out.getFileName().toString().replaceFirst("\\.ya?ml$", ""));
        }
    }

    /**
     * A use case that has done nothing yet.
     *
     * @param patched stays the caller's
     * @param questions the suite of the patches, or the one that an unpatched model is asked
     */
    public SuiteMaker(PatchedModel patched, Questions questions, Options options, Clock clock) {
        this.patched = patched;
        this.asked = questions.asked();
        this.options = options;
        this.clock = clock;
        before = new Examiner(patched.base(), questions.deciding(), Examiner.DEFAULT_BATCH);
    }

    /**
     * Makes the suite.
     *
     * @param perSet other cases that are asked for each edited case in each set
     * @param seed draws them, and the cases of a set where there are too many
     * @throws BadInput where nothing is right, or the suite lacks a case that the patches were made for
     */
    public InitDocument run(int perSet, long seed, Onlooker onlooker) {
        SuiteDraft draft =
                new SuiteDraft(new RoundingTies(patched.model(), before.protocol(), 1), options.most(), seed);
        Reproduced evidence =
                patched.stack().isEmpty() ? unpatched(draft, seed, onlooker) : patched(draft, perSet, seed, onlooker);
        List<GuardedSet> sets = draft.sets();
        if (sets.isEmpty()) {
            throw new BadInput("nothing to guard", "--model", "an answer that is right", "none", "see `patch eval`");
        }
        RegressionSuite suite = suite(sets);
        suite.write();
        SuiteResult result = baseline(suite, onlooker);
        Map<String, Integer> counts = new LinkedHashMap<>();
        sets.forEach(set -> counts.put(set.title(), set.cases().size()));
        return new InitDocument(
                options.out().toString(),
                suite.baselineFile().toString(),
                counts,
                draft.leftOut(),
                evidence.again(),
                evidence.listed(),
                result.verdict(),
                result);
    }

    private SuiteResult baseline(RegressionSuite suite, Onlooker onlooker) {
        try (Onlooker.Part progress = onlooker.begin("baseline")) {
            SuiteResult result = new SuiteRunner(clock, progress)
                    .measured(RegressionSuite.read(options.out()), patched.target(Optional.empty()));
            Baseline.of(result, Versions.engine(), clock.instant().toString()).write(suite.baselineFile());
            return result;
        }
    }

    /**
     * Changes that the topmost patch's evidence lists.
     *
     * @param again how many were seen again
     */
    private record Reproduced(int again, int listed) {}

    /** Asks what the patches were judged by. */
    private Reproduced patched(SuiteDraft draft, int perSet, long seed, Onlooker onlooker) {
        Set<String> ids = new LinkedHashSet<>();
        patched.stack().patches().forEach(patch -> ids.addAll(patch.provenance().cases()));
        List<CompositionalCase> edited = ids.stream().map(this::edited).toList();
        List<Probe> probes = Knowledge.asking(before)
                .probes(
                        new EditProbes(before.protocol().form(), TemplateSplit.TEST, perSet, seed),
                        asked.suite(),
                        edited);
        try (Onlooker.Part progress = onlooker.begin("items")) {
            Examiner after = before.like(patched.model());
            PairedEvaluation evaluation = PairedEvaluation.of(probes, before, after, progress);
            draft.with(evaluation);
            return reproduced(evaluation);
        }
    }

    private CompositionalCase edited(String id) {
        return asked.suite()
                .find(id)
                .orElseThrow(() -> new BadInput(
                        "case of the patch is not in the suite",
                        "case " + id,
                        "the cases that the patch was made for",
                        asked.suite().cases().size() + " cases without it",
                        "give the same --facts, --relations and --hops as for `patch apply`"));
    }

    private Reproduced reproduced(PairedEvaluation evaluation) {
        Set<String> improved = new LinkedHashSet<>();
        Set<String> worsened = new LinkedHashSet<>();
        for (PairedEvaluation.Item item : evaluation.items()) {
            if (item.before().right() != item.after().right()) {
                (item.after().right() ? improved : worsened)
                        .add(key(item.probe().set().key(), item.probe().id()));
            }
        }
        List<WeightPatch> patches = patched.stack().patches();
        List<Boolean> again = new ArrayList<>();
        WeightPatch topmost = patches.get(patches.size() - 1);
        topmost.provenance().evidence().path("sets").properties().forEach(set -> {
            set.getValue().path("improved").forEach(id -> again.add(improved.contains(key(set.getKey(), id.asText()))));
            set.getValue().path("worsened").forEach(id -> again.add(worsened.contains(key(set.getKey(), id.asText()))));
        });
        return new Reproduced((int) again.stream().filter(seen -> seen).count(), again.size());
    }

    private static String key(String set, String id) {
        return set + "\n" + id;
    }

    /** Compositions and single hops on their primary prompts. */
    private Reproduced unpatched(SuiteDraft draft, long seed, Onlooker onlooker) {
        List<Probe> compositions = new ArrayList<>();
        Map<String, Probe> hops = new LinkedHashMap<>();
        for (CompositionalCase one :
                asked.suite().sample(20 * options.most(), seed).cases()) {
            Query.first(one.compositions(), before.protocol().form())
                    .ifPresent(query -> compositions.add(probe(one, one.id(), query, one.answers())));
            for (int hop = 0; hop < one.hops().size(); hop++) {
                List<String> answers = one.hops().get(hop).answers();
                Query.first(one.singleHops().get(hop), before.protocol().form())
                        .ifPresent(
                                query -> hops.putIfAbsent(query.prompt(), probe(one, query.prompt(), query, answers)));
            }
        }
        List<Probe> singles = List.copyOf(hops.values());
        try (Onlooker.Part progress = onlooker.begin("items")) {
            draft.with("compositions", compositions, replies(compositions, progress));
            draft.with("hops", singles, replies(singles, progress));
        }
        return new Reproduced(0, 0);
    }

    private static Probe probe(CompositionalCase one, String id, Query query, List<String> answers) {
        return new Probe(EditSet.HOPS, id, one.id(), one.bridge(), Question.of(query, answers));
    }

    private List<Reply> replies(List<Probe> probes, Onlooker.Part progress) {
        return before.ask(probes.stream().map(Probe::question).toList(), progress);
    }

    private RegressionSuite suite(List<GuardedSet> sets) {
        Map<String, Double> budgets = new LinkedHashMap<>();
        RegressionSuite.LIMITS.stream()
                .filter(options.limits().limits()::containsKey)
                .forEach(limit -> budgets.put(limit, options.limits().limit(limit)));
        return new RegressionSuite(
                options.out(),
                "",
                options.title(),
                options.why().orElseGet(this::reasons),
                Optional.of(new RegressionSuite.Base(
                        patched.base().name(), patched.base().digest())),
                before.protocol(),
                1,
                Optional.of(driftText()),
                budgets,
                false,
                sets);
    }

    private String reasons() {
        return patched.stack().isEmpty()
                ? "what " + patched.base().name() + " gets right must stay right"
                : String.join(
                        "; ",
                        patched.stack().patches().stream()
                                .map(patch -> patch.shortId() + " "
                                        + patch.provenance().reason())
                                .toList());
    }

    /** The canary where the model can write it; else single facts that it knows, told as sentences. */
    private RegressionSuite.DriftText driftText() {
        return DriftMeter.canWrite(patched.base(), options.canary())
                ? new RegressionSuite.DriftText(Optional.of(options.canary()), List.of())
                : new RegressionSuite.DriftText(
                        Optional.empty(),
                        DriftMeter.sentences(asked.suite(), before.protocol().form()));
    }
}
