package modelpatch.guard;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Tally;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchGeometry;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/**
 * The use case {@code patch guard drift}: how far a stack of patches has moved a model, each patch alone and all up to it.
 */
public final class StackDrift {
    private final PatchedModel patched;
    private final Options options;

    /**
     * What is measured.
     *
     * @param canary the text that drift is measured on, if the model can write it; else sentences of the suite are, where there is one
     * @param limits what the whole stack is judged by
     * @param neighbours how many facts of a relation around the edited ones are asked, 0 for none
     */
    public record Options(Path canary, Gates limits, int neighbours) {}

    /**
     * A use case that has done nothing yet.
     *
     * @param patched stays the caller's
     * @throws BadInput where there are no patches
     */
    public StackDrift(PatchedModel patched, Options options) {
        if (patched.stack().isEmpty()) {
            throw new BadInput("no patches", "--patch", "the stack, lowest first", "none", "give --patch FILE ...");
        }
        this.patched = patched;
        this.options = options;
    }

    /**
     * Measures.
     *
     * @param around the suite that the patches were made on; empty where it is not at hand: nothing is then asked
     */
    public DriftDocument run(Optional<Questions> around, Onlooker onlooker) {
        List<String> passages = passages(around);
        DriftMeter meter = DriftMeter.on("canary", patched.base(), passages);
        TextChanges texts = new TextChanges(patched.base(), passages);
        List<DriftDocument.Step> steps = steps(meter, texts, onlooker);
        Drift whole = steps.get(steps.size() - 1).upTo();
        List<Neighbours.Row> rows = around.map(this::neighbours).orElse(List.of());
        Gates limits = options.limits();
        List<GateResult> results = new ArrayList<>(
                limits.judge(new GateEvidence(Map.of(), Optional.empty(), Optional.of(whole), Optional.empty())));
        results.removeIf(gate -> !Gates.isOfDrift(gate.name()));
        if (!rows.isEmpty()) {
            results.add(limits.judgeHarm(EditSet.HOPS, harm(rows)));
        }
        return new DriftDocument(
                limits.verdict(results).key(),
                steps,
                texts.passages(),
                texts.of(patched.model()),
                growth(),
                rows,
                results,
                Optional.empty());
    }

    private List<String> passages(Optional<Questions> around) {
        return around.isEmpty() || DriftMeter.canWrite(patched.base(), options.canary())
                ? DriftMeter.passages(options.canary())
                : DriftMeter.sentences(around.get().asked().suite(), Form.CLOZE);
    }

    private List<DriftDocument.Step> steps(DriftMeter meter, TextChanges texts, Onlooker onlooker) {
        List<DriftDocument.Step> steps = new ArrayList<>();
        List<WeightPatch> stack = patched.stack().patches();
        try (Onlooker.Part progress = onlooker.begin("patches")) {
            for (int i = 0; i < stack.size(); i++) {
                progress.at(i, stack.size());
                Drift alone = measured(PatchStack.of(List.of(stack.get(i))), meter);
                try (LanguageModel upTo = with(PatchStack.of(stack.subList(0, i + 1)))) {
                    steps.add(new DriftDocument.Step(
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

    private Drift measured(PatchStack stack, DriftMeter meter) {
        try (LanguageModel changed = with(stack)) {
            return meter.measure(changed);
        }
    }

    private LanguageModel with(PatchStack stack) {
        return patched.base().with(stack.weights(patched.base().checkpoint()));
    }

    private List<TensorGrowth> growth() {
        Map<String, float[]> changed = patched.stack().weights(patched.base().checkpoint());
        Map<String, float[]> base = new LinkedHashMap<>();
        changed.keySet().forEach(name -> base.put(name, patched.base().weight(name)));
        return TensorGrowth.of(base, changed);
    }

    private List<Neighbours.Row> neighbours(Questions around) {
        List<CompositionalCase> edited = patched.stack().patches().stream()
                .flatMap(patch -> patch.provenance().cases().stream())
                .distinct()
                .flatMap(id -> around.asked().suite().find(id).stream())
                .toList();
        if (edited.isEmpty() || options.neighbours() < 1) {
            return List.of();
        }
        return Neighbours.of(around.asked().suite(), edited, around.deciding().form(), options.neighbours())
                .rows(
                        new Examiner(patched.base(), around.deciding(), Examiner.DEFAULT_BATCH),
                        new Examiner(patched.model(), around.deciding(), Examiner.DEFAULT_BATCH));
    }

    /** Of the neighbours that were right, those that turned wrong. */
    private static Tally harm(List<Neighbours.Row> rows) {
        return new Tally(
                rows.stream().mapToInt(Neighbours.Row::worsened).sum(),
                rows.stream().mapToInt(Neighbours.Row::rightBefore).sum());
    }
}
