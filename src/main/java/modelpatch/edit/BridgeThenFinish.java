package modelpatch.edit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import modelpatch.evaluate.EditSet;
import modelpatch.model.LanguageModel;

/**
 * Two editors, one after the other: the bridge is written where the first hops' phrase ends ({@link BridgeWriter}), and only those cases whose
 * primary composition then still does not say what its guide says are finished at the last token by a closed form. Other wordings do not
 * decide: their guides are often wrong themselves, and a finisher that follows them undoes what the bridge has repaired.
 */
final class BridgeThenFinish implements Editor {
    private final Editor writer = new BridgeWriter();
    private final ClosedFormEditor finisher = new ClosedFormEditor(ClosedForm.cremeTemplates());

    @Override
    public boolean writesBridge() {
        return true;
    }

    /** What has the bridge can be asked anything about it. */
    @Override
    public Set<EditSet> claims() {
        return Set.of(EditSet.GENERALISATION);
    }

    @Override
    public String name() {
        return "bridge-then-finish";
    }

    @Override
    public Numbers numbers() {
        return finisher.numbers();
    }

    /** @return the layer that the bridge is written at and, where something is left to do, those of the plan */
    @Override
    public List<LayerEdit> edit(EditRequest request) {
        LanguageModel model = request.model();
        EditPlan writing = EditPlan.usual(Method.BRIDGE_WRITER, model)
                .withHold(request.plan().hold());
        LikeliestTokens goal = LikeliestTokens.of(model, request.encoded());
        List<LayerEdit> edits = new ArrayList<>(writer.edit(request.with(model, writing)));
        try (LanguageModel written = model.with(Edit.of(writing, edits, model).weights(model))) {
            LikeliestTokens said = LikeliestTokens.of(written, request.encoded());
            int[] cases = request.cases();
            Set<Integer> open = new LinkedHashSet<>();
            for (int i = 0; i < cases.length; i++) {
                boolean primary = i == 0 || cases[i] != cases[i - 1];
                if (primary && said.compositions()[i] != goal.guides()[i]) {
                    open.add(cases[i]);
                }
            }
            if (!open.isEmpty()) {
                edits.addAll(finisher.edit(request.with(written, request.plan()).only(open)));
            }
        }
        edits.sort(Comparator.comparingInt(LayerEdit::layer));
        return List.copyOf(edits);
    }
}
