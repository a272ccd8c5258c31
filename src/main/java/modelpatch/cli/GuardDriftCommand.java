package modelpatch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Protocol;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;
import modelpatch.guard.Neighbours;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.TensorGrowth;
import modelpatch.guard.TextChanges;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchGeometry;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard drift}: how far a stack has moved, patch by patch. */
@Command(
        name = "drift",
        header = "Measures how far a stack of patches has moved a model: each patch alone, and all up to it.",
        description =
                "KL, likeliest tokens and perplexity on the canary text (or on sentences of the suite, where the vocabulary cannot"
                        + " write it), changed continuations, growth of every edited tensor, and the facts around what was edited. Exit code 1 where"
                        + " the whole stack is beyond a limit of --gates.",
        footer = "  patch guard drift --patch a.patch.safetensors b.patch.safetensors --plot drift.svg")
final class GuardDriftCommand extends Subcommand {
    private static final int SENTENCES = 60;

    @Mixin
    ModelOptions model;

    @Mixin
    CaseOptions cases;

    @Mixin
    ProtocolOptions protocol;

    @Mixin
    PatchOptions patches;

    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "the limits (default: configs/gates.yaml of this project)")
    Path gates;

    @Option(
            names = "--neighbours",
            paramLabel = "N",
            defaultValue = "40",
            description = "facts of a relation around the edited ones that are asked, 0 for none")
    int neighbours;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "draw the stack patch by patch, and the trend over the ledger in --patches, as SVG")
    Path plot;

    GuardDriftCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * One patch of the stack.
     *
     * @param alone the patch on the bare base
     * @param upTo all patches up to this one
     * @param textChanges passages that all patches up to this one continue otherwise
     * @param geometry size and effective rank of this patch's change, per tensor
     */
    record Step(String patch, Drift alone, Drift upTo, int textChanges, List<PatchGeometry> geometry) {}

    /** What {@code --json} prints. */
    record DriftDocument(
            String verdict,
            List<Step> steps,
            int passages,
            List<TextChanges.Change> changes,
            List<TensorGrowth> growth,
            List<Neighbours.Row> neighbours,
            List<GateResult> gates,
            Optional<String> plot) {}

    @Override
    Answer answer() {
        try (PatchedModel opened = model.open(this)) {
            if (opened.stack().isEmpty()) {
                throw new BadInput("no patches", "--patch", "the stack, lowest first", "none", "give --patch FILE ...");
            }
            Optional<RecordedOptions> recorded = RecordedOptions.ofTopmost(opened.stack());
            recorded.ifPresent(options -> options.fill(cases, protocol));
            Optional<Questions> questions = questions(opened, recorded);
            List<String> passages = passages(opened, questions.map(Questions::asked));
            DriftMeter meter = DriftMeter.on("canary", opened.base(), passages);
            TextChanges texts = new TextChanges(opened.base(), passages);
            List<Step> steps = steps(opened, meter, texts);
            Drift whole = steps.get(steps.size() - 1).upTo();
            List<Neighbours.Row> rows =
                    questions.map(all -> neighbours(opened, all)).orElse(List.of());
            Gates limits = Gates.read(gates == null ? Installation.configs().resolve("gates.yaml") : gates);
            List<GateResult> results = new ArrayList<>(limits.judge(Map.of(), Optional.empty(), Optional.of(whole)));
            results.removeIf(gate -> !gate.name().startsWith("drift_"));
            results.add(limits.judge("harm_hops_max", harm(rows)));
            boolean passed = Gates.allPassed(results);
            if (plot != null) {
                byte[] svg = DriftPlot.svg(
                                steps, patches.store(terminal).ledger().entries(), limits)
                        .getBytes(StandardCharsets.UTF_8);
                AtomicFile.write(plot, out -> out.write(svg));
            }
            DriftDocument document = new DriftDocument(
                    Answer.verdict(passed),
                    steps,
                    texts.passages(),
                    texts.of(opened.model()),
                    growth(opened),
                    rows,
                    results,
                    Optional.ofNullable(plot).map(Path::toString));
            return new Answer(document, () -> DriftView.text(document), passed ? 0 : 1);
        }
    }

    /** The suite that the patches were made on; without it there are no neighbours, and the canary must do. */
    private Optional<Questions> questions(PatchedModel opened, Optional<RecordedOptions> recorded) {
        boolean named = cases.facts != null || cases.suite != null || model.embedded();
        return named
                ? Optional.of(Questions.of(
                        cases,
                        protocol,
                        model,
                        opened,
                        recorded.map(RecordedOptions::seed).orElse(common.seed),
                        this))
                : Optional.empty();
    }

    private static List<String> passages(PatchedModel opened, Optional<AskedSuite> asked) {
        List<String> canary = DriftMeter.passages(Installation.eval().resolve("canary.txt"));
        if (asked.isEmpty() || canary.stream().allMatch(text -> DriftMeter.canWrite(opened.base(), text))) {
            return canary;
        }
        Set<String> sentences = new LinkedHashSet<>();
        for (CompositionalCase one :
                asked.get().suite().sample(4 * SENTENCES, 1).cases()) {
            Query query = one.singleHops().get(0).get(0);
            sentences.add(query.prompt() + " " + one.hops().get(0).object());
        }
        return sentences.stream().limit(SENTENCES).toList();
    }

    private List<Step> steps(PatchedModel opened, DriftMeter meter, TextChanges texts) {
        List<Step> steps = new ArrayList<>();
        List<WeightPatch> stack = opened.stack().patches();
        try (ProgressLine progress = begin("patches")) {
            for (int i = 0; i < stack.size(); i++) {
                progress.at(i, stack.size());
                Drift alone = measured(opened.base(), PatchStack.of(List.of(stack.get(i))), meter);
                PatchStack below = PatchStack.of(stack.subList(0, i + 1));
                try (LanguageModel upTo =
                        opened.base().with(below.weights(opened.base().checkpoint()))) {
                    steps.add(new Step(
                            stack.get(i).id(),
                            alone,
                            meter.measure(upTo),
                            texts.of(upTo).size(),
                            stack.get(i).deltas().stream()
                                    .map(PatchGeometry::of)
                                    .toList()));
                }
            }
        }
        return steps;
    }

    private static Drift measured(LanguageModel base, PatchStack stack, DriftMeter meter) {
        try (LanguageModel changed = base.with(stack.weights(base.checkpoint()))) {
            return meter.measure(changed);
        }
    }

    private static List<TensorGrowth> growth(PatchedModel opened) {
        Map<String, float[]> changed = opened.stack().weights(opened.base().checkpoint());
        Map<String, float[]> base = new LinkedHashMap<>();
        changed.keySet().forEach(name -> base.put(name, opened.base().weight(name)));
        return TensorGrowth.of(base, changed);
    }

    private List<Neighbours.Row> neighbours(PatchedModel opened, Questions questions) {
        CaseSuite suite = questions.asked().suite();
        List<CompositionalCase> edited = opened.stack().patches().stream()
                .flatMap(patch -> patch.provenance().cases().stream())
                .distinct()
                .flatMap(id -> suite.find(id).stream())
                .toList();
        if (edited.isEmpty() || neighbours < 1) {
            return List.of();
        }
        Protocol deciding = questions.deciding();
        return Neighbours.of(suite, edited, deciding.form(), neighbours)
                .rows(
                        new Examiner(opened.base(), deciding, Examiner.DEFAULT_BATCH),
                        new Examiner(opened.model(), deciding, Examiner.DEFAULT_BATCH));
    }

    /** Of the neighbours that were right, the share that turned wrong. */
    private static OptionalDouble harm(List<Neighbours.Row> rows) {
        int right = rows.stream().mapToInt(Neighbours.Row::rightBefore).sum();
        int worsened = rows.stream().mapToInt(Neighbours.Row::worsened).sum();
        return right == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) worsened / right);
    }
}
