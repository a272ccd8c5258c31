package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.RoundingTies;
import modelpatch.guard.Baseline;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.Gates;
import modelpatch.guard.GuardedSet;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteDraft;
import modelpatch.guard.SuiteResult;
import modelpatch.guard.SuiteRunner;
import modelpatch.patch.WeightPatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard init}: a suite from a patch's own evidence, or from what a model can do. */
@Command(
        name = "init",
        header = "Writes a regression suite from a patch's own evidence, and its baseline.",
        description = {
            "With --patch the items by which the patches were judged are asked again, without and with them: what they repaired must"
                    + " stay repaired, what they left right must stay right. Seed, facts and number of items come from the topmost"
                    + " patch where they are not given. Without --patch: what the model gets right must stay right.",
            "Left out and counted: what is wrong anyway, and answers that rounding decides."
        },
        footer = "  patch guard init --model default --patch patches/p.patch.safetensors --out eval/p.yaml")
final class GuardInitCommand extends Subcommand {
    private static final int DRIFT_SENTENCES = 60;
    private static final int PER_SET = 10;

    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "the suite, a YAML file")
    Path out;

    @Option(names = "--name", paramLabel = "TEXT", description = "name of the suite (default: the file's)")
    String name;

    @Option(names = "--why", paramLabel = "TEXT", description = "why it exists (default: the patches' own reasons)")
    String why;

    @Option(names = "--most", paramLabel = "N", defaultValue = "100", description = "at most N cases of a set")
    int most;

    @Option(
            names = "--per-set",
            paramLabel = "N",
            description =
                    "other cases per edited case and set (default: as the patch was judged, else " + PER_SET + ")")
    Integer perSet;

    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "where the limits of drift come from (default: configs/gates.yaml of this project)")
    Path gates;

    @Option(names = "--overwrite", description = "replace a suite that is there already")
    boolean overwrite;

    GuardInitCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * What {@code --json} prints.
     *
     * @param leftOut what did not go in, counted by reason
     * @param reproduced items that the patch's evidence lists as changed and that changed again
     * @param evidence items that it lists
     */
    record InitDocument(
            String suite,
            String baseline,
            Map<String, Integer> sets,
            Map<String, Integer> leftOut,
            int reproduced,
            int evidence,
            String verdict) {}

    @Override
    Answer answer() {
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
        try (PatchedModel opened = model.open(this)) {
            Optional<RecordedOptions> recorded = RecordedOptions.ofTopmost(opened.stack());
            recorded.ifPresent(options -> options.fill(cases, protocol));
            long seed = recorded.map(RecordedOptions::seed).orElse(common.seed);
            Questions questions = Questions.of(cases, protocol, model, opened, seed, this);
            AskedSuite asked = questions.asked();
            Protocol deciding = questions.deciding();
            Examiner before = new Examiner(opened.base(), deciding, Examiner.DEFAULT_BATCH);
            SuiteDraft draft = new SuiteDraft(new RoundingTies(opened.model(), deciding, 1), most, seed);
            int[] evidence = new int[2];
            if (opened.stack().isEmpty()) {
                unpatched(asked, before, draft);
            } else {
                int items = perSet != null
                        ? perSet
                        : recorded.flatMap(RecordedOptions::perSet).orElse(PER_SET);
                evidence = patched(opened, asked, before, draft, items, seed);
            }
            List<GuardedSet> sets = draft.sets();
            if (sets.isEmpty()) {
                throw new BadInput(
                        "nothing to guard", "--model", "an answer that is right", "none", "see `patch eval`");
            }
            RegressionSuite suite = suite(opened, asked, deciding, before, sets);
            suite.write();
            SuiteResult result = new SuiteRunner(terminal.clock(), begin("baseline"))
                    .run(RegressionSuite.read(out), opened.target(Optional.empty()));
            Baseline.of(result, Version.engine(), terminal.clock().instant().toString())
                    .write(suite.baselineFile());
            Map<String, Integer> counts = new LinkedHashMap<>();
            sets.forEach(set -> counts.put(set.title(), set.cases().size()));
            InitDocument document = new InitDocument(
                    out.toString(),
                    suite.baselineFile().toString(),
                    counts,
                    draft.leftOut(),
                    evidence[0],
                    evidence[1],
                    result.verdict());
            return new Answer(document, () -> text(document, result), result.passed() ? 0 : 1);
        }
    }

    /** Asks what the patches were judged by; returns how many of the changes that they claim were seen again, and how many they claim. */
    private int[] patched(
            PatchedModel opened, AskedSuite asked, Examiner before, SuiteDraft draft, int items, long seed) {
        Set<String> ids = new LinkedHashSet<>();
        opened.stack().patches().forEach(patch -> ids.addAll(patch.provenance().cases()));
        List<CompositionalCase> edited = new ArrayList<>();
        for (String id : ids) {
            edited.add(asked.suite()
                    .find(id)
                    .orElseThrow(() -> new BadInput(
                            "case of the patch is not in the suite",
                            "case " + id,
                            "the cases that the patch was made for",
                            asked.suite().cases().size() + " cases without it",
                            "give the same --facts, --relations and --hops as for `patch apply`")));
        }
        List<CompositionalCase> candidates = edited.stream()
                .flatMap(one -> asked.suite().generalisation(one).stream())
                .distinct()
                .toList();
        Set<CompositionalCase> known = Set.copyOf(Knowledge.asking(before).knowingLastHop(candidates));
        List<Probe> probes = new EditProbes(before.protocol().form(), TemplateSplit.TEST, items, seed)
                .of(asked.suite(), edited, known::contains);
        try (ProgressLine progress = begin("items")) {
            Examiner after = new Examiner(opened.model(), before.protocol(), before.batchSize());
            PairedEvaluation evaluation = PairedEvaluation.of(probes, before, after, progress);
            draft.with(evaluation);
            return reproduced(opened.stack().patches(), evaluation);
        }
    }

    private static int[] reproduced(List<WeightPatch> patches, PairedEvaluation evaluation) {
        Set<String> improved = new LinkedHashSet<>();
        Set<String> worsened = new LinkedHashSet<>();
        for (PairedEvaluation.Item item : evaluation.items()) {
            if (item.before().right() != item.after().right()) {
                (item.after().right() ? improved : worsened)
                        .add(key(item.probe().set().key(), item.probe().id()));
            }
        }
        int[] counts = new int[2];
        WeightPatch topmost = patches.get(patches.size() - 1);
        topmost.provenance().evidence().path("sets").properties().forEach(set -> {
            set.getValue().path("improved").forEach(id -> count(counts, improved, set.getKey(), id.asText()));
            set.getValue().path("worsened").forEach(id -> count(counts, worsened, set.getKey(), id.asText()));
        });
        return counts;
    }

    private static void count(int[] counts, Set<String> seen, String set, String id) {
        counts[0] += seen.contains(key(set, id)) ? 1 : 0;
        counts[1]++;
    }

    private static String key(String set, String id) {
        return set + "\n" + id;
    }

    /** Compositions and single hops on their primary prompts. */
    private void unpatched(AskedSuite asked, Examiner before, SuiteDraft draft) {
        List<Probe> compositions = new ArrayList<>();
        Map<String, Probe> hops = new LinkedHashMap<>();
        for (CompositionalCase one :
                asked.suite().sample(20 * most, common.seed).cases()) {
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
        try (ProgressLine progress = begin("items")) {
            draft.with("compositions", compositions, replies(before, compositions, progress));
            draft.with("hops", singles, replies(before, singles, progress));
        }
    }

    private static Probe probe(CompositionalCase one, String id, Query query, List<String> answers) {
        return new Probe(EditSet.HOPS, id, one.id(), one.bridge(), Question.of(query, answers));
    }

    private static List<Reply> replies(Examiner examiner, List<Probe> probes, ProgressLine progress) {
        return examiner.ask(probes.stream().map(Probe::question).toList(), progress);
    }

    private RegressionSuite suite(
            PatchedModel opened, AskedSuite asked, Protocol deciding, Examiner before, List<GuardedSet> sets) {
        Gates limits = Gates.read(gates == null ? Installation.configs().resolve("gates.yaml") : gates);
        Map<String, Double> budgets = new LinkedHashMap<>();
        RegressionSuite.LIMITS.stream()
                .filter(limits.limits()::containsKey)
                .forEach(limit -> budgets.put(limit, limits.limit(limit)));
        String reasons = opened.stack().isEmpty()
                ? "what " + opened.base().name() + " gets right must stay right"
                : String.join(
                        "; ",
                        opened.stack().patches().stream()
                                .map(patch -> patch.shortId() + " "
                                        + patch.provenance().reason())
                                .toList());
        return new RegressionSuite(
                out,
                "",
                name == null ? out.getFileName().toString().replaceFirst("\\.ya?ml$", "") : name,
                why == null ? reasons : why,
                Optional.of(new RegressionSuite.Base(
                        opened.base().name(), opened.base().digest())),
                deciding,
                1,
                Optional.of(driftText(opened, asked, before)),
                budgets,
                sets);
    }

    /** The canary where the model can write it; else single facts that it knows, told as sentences. */
    private static RegressionSuite.DriftText driftText(PatchedModel opened, AskedSuite asked, Examiner before) {
        Path canary = Installation.eval().resolve("canary.txt");
        if (DriftMeter.passages(canary).stream().allMatch(text -> DriftMeter.canWrite(opened.base(), text))) {
            return new RegressionSuite.DriftText(Optional.of(canary), List.of());
        }
        Set<String> sentences = new LinkedHashSet<>();
        for (CompositionalCase one :
                asked.suite().sample(4 * DRIFT_SENTENCES, 1).cases()) {
            Query query = Query.first(one.singleHops().get(0), before.protocol().form())
                    .orElse(one.singleHops().get(0).get(0));
            sentences.add(query.prompt() + " " + one.hops().get(0).object());
        }
        return new RegressionSuite.DriftText(
                Optional.empty(), sentences.stream().limit(DRIFT_SENTENCES).toList());
    }

    private String text(InitDocument document, SuiteResult result) {
        StringBuilder text = new StringBuilder();
        document.sets().forEach((set, n) -> text.append(Numbers.format("%5d  %s\n", n, set)));
        document.leftOut().forEach((reason, n) -> text.append(Numbers.format("%5d  left out, %s\n", n, reason)));
        if (document.evidence() > 0) {
            text.append(document.reproduced())
                    .append(" of ")
                    .append(document.evidence())
                    .append(" changes that the topmost patch's evidence lists were seen again\n");
        }
        if (!result.passed()) {
            text.append("broken from the start: ")
                    .append(String.join(", ", result.broken()))
                    .append('\n');
        }
        return text.append("written: ")
                .append(document.suite())
                .append(" and ")
                .append(document.baseline())
                .append("; next: patch guard run --suite ")
                .append(document.suite())
                .toString();
    }
}
