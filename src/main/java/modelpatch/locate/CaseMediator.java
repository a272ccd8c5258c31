package modelpatch.locate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.WhatIf;

/** Mediates cases side by side, see {@link MediationPrompts}. */
final class CaseMediator {
    private static final int MOST_CASES = 16;

    private final LanguageModel model;
    private final int windowWidth;

    /** @param windowWidth layers of a window */
    CaseMediator(LanguageModel model, int windowWidth) {
        this.model = model;
        this.windowWidth = windowWidth;
    }

    /** How many cases are best mediated side by side: a large model fills its batches with one. */
    static int casesSideBySide(LanguageModel model) {
        int sites = model.config().nLayers() * (model.config().nHeads() + LayerSite.values().length);
        return Math.max(1, Math.min(MOST_CASES, model.rowsAtOnce() / sites));
    }

    /** The effects of every site, in the order of the cases. */
    List<CaseMediation> mediate(List<MediatedCase> cases) {
        try (RecordedRuns runs = new RecordedRuns(
                model, cases.stream().flatMap(MediatedCase::all).toList())) {
            List<Ready> ready = cases.stream().map(one -> ready(one, runs)).toList();
            List<List<Readout>> readouts = model.resume(
                    ready.stream().flatMap(one -> one.whatIfs().stream()).toList(), true);
            List<CaseMediation> found = new ArrayList<>();
            int next = 0;
            for (Ready one : ready) {
                int count = one.whatIfs().size();
                found.add(mediation(one, runs, readouts.subList(next, next + count)));
                next += count;
            }
            return found;
        }
    }

    /**
     * A case ready to be resumed.
     *
     * @param contrast the model's own wrong answer where it is known, else what it finds likeliest beside the right one
     * @param whatIfs at the last token, then at the end of the phrase where that is asked for
     */
    private record Ready(MediatedCase asked, int contrast, Recipient into, List<WhatIf> whatIfs) {}

    private Ready ready(MediatedCase asked, RecordedRuns runs) {
        EntityReading to = asked.recipient();
        RecordedRun recipient = runs.of(to);
        int contrast = asked.said() >= 0 ? asked.said() : likeliestBut(to.id(), recipient.logits());
        Recipient into = new Recipient(model.config(), recipient, to.id(), contrast, windowWidth);
        List<WhatIf> whatIfs = new ArrayList<>();
        if (!asked.donors().isEmpty()) {
            whatIfs.add(into.every(to.last(), sources(asked, runs, EntityReading::last)));
            if (asked.phraseEnd()) {
                whatIfs.add(into.every(to.phraseEnd(), sources(asked, runs, EntityReading::phraseEnd)));
            }
        }
        return new Ready(asked, contrast, into, whatIfs);
    }

    private static List<Recipient.Source> sources(
            MediatedCase asked, RecordedRuns runs, ToIntFunction<EntityReading> position) {
        return asked.donors().stream()
                .map(donor -> new Recipient.Source(runs.of(donor), position.applyAsInt(donor)))
                .toList();
    }

    /** @param readouts by question, by set */
    private CaseMediation mediation(Ready one, RecordedRuns runs, List<List<Readout>> readouts) {
        List<EntityReading> donors = one.asked().donors();
        List<List<SiteEffects>> byPosition =
                readouts.stream().map(one.into()::effects).toList();
        List<DonorEffects> byDonor = IntStream.range(0, donors.size())
                .mapToObj(donor -> new DonorEffects(
                        one.into().total(runs.of(donors.get(donor))),
                        byPosition.get(0).get(donor),
                        byPosition.size() > 1 ? Optional.of(byPosition.get(1).get(donor)) : Optional.empty()))
                .toList();
        boolean guided = one.asked().guide().isPresent();
        return new CaseMediation(
                one.asked().id(),
                one.asked().bridge(),
                model.tokenizer().token(one.contrast()),
                one.asked().said() >= 0,
                one.into().before(),
                guided ? Optional.of(byDonor.get(0)) : Optional.empty(),
                one.asked().wrongBridge(),
                one.asked().control().map(control -> byDonor.get(guided ? 1 : 0)));
    }

    private static int likeliestBut(int answer, float[] logits) {
        int best = answer == 0 ? 1 : 0;
        for (int id = 0; id < logits.length; id++) {
            if (id != answer && logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }
}
