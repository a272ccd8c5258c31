package modelpatch.locate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.WhatIf;

/** Mediates cases: failing ones from their guide and from a wrong bridge's guide, right ones from the latter alone. */
final class CaseMediator {
    private static final int MOST_CASES = 16;

    private final LanguageModel model;
    private final EntityReader reader;
    private final Background background;
    private final WrongBridges wrongBridges;
    private final Form form;
    private final LocateOptions options;

    CaseMediator(
            LanguageModel model,
            EntityReader reader,
            Background background,
            WrongBridges wrongBridges,
            Form form,
            LocateOptions options) {
        this.model = model;
        this.reader = reader;
        this.background = background;
        this.wrongBridges = wrongBridges;
        this.form = form;
        this.options = options;
    }

    /** How many cases are best mediated side by side: a large model fills its batches with one. */
    int casesSideBySide() {
        int sites = model.config().nLayers() * (model.config().nHeads() + LayerSite.values().length);
        return Math.max(1, Math.min(MOST_CASES, model.rowsAtOnce() / sites));
    }

    /**
     * A composition to mediate.
     *
     * @param predicted what the model says instead; empty for one that is right
     * @param phraseEnd whether to mediate at the end of the first hop's phrase too
     */
    record Asked(CompositionalCase composition, String predicted, boolean phraseEnd) {}

    /** Which sites of their guide prompts bring failing compositions their answers. */
    List<CaseMediation> restore(List<Asked> failing) {
        return mediate(failing, true);
    }

    /** Which sites of right compositions, overwritten from the guide of a wrong bridge, take their answers away. */
    List<CaseMediation> noise(List<Asked> right) {
        return mediate(right, false);
    }

    private List<CaseMediation> mediate(List<Asked> asked, boolean restores) {
        List<Prompts> prompts =
                asked.stream().map(one -> prompts(one, restores)).toList();
        try (RecordedRuns runs =
                new RecordedRuns(model, prompts.stream().flatMap(Prompts::all).toList())) {
            List<Ready> ready = prompts.stream().map(one -> ready(one, runs)).toList();
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
     * The prompts of a case.
     *
     * @param guide empty where the case is right and only the control acts on it
     * @param control the guide of a wrong bridge; empty where none fits
     */
    private record Prompts(
            Asked asked,
            EntityReading recipient,
            Optional<EntityReading> guide,
            Optional<CompositionalCase> wrong,
            Optional<EntityReading> control) {
        List<EntityReading> donors() {
            return Stream.concat(guide.stream(), control.stream()).toList();
        }

        Stream<EntityReading> all() {
            return Stream.concat(Stream.of(recipient), donors().stream());
        }
    }

    private Prompts prompts(Asked asked, boolean restores) {
        CompositionalCase one = asked.composition();
        Optional<CompositionalCase> wrong = wrongBridges.of(one);
        return new Prompts(
                asked,
                read(first(one.compositions(), form), one),
                restores ? Optional.of(read(first(one.guides(), form), one)) : Optional.empty(),
                wrong,
                wrong.map(other -> read(first(other.guides(), form), one)));
    }

    /**
     * A case ready to be resumed.
     *
     * @param contrastPredicted whether the contrast is the model's own wrong answer
     * @param whatIfs at the last token, then at the end of the phrase where that is asked for
     */
    private record Ready(
            Prompts prompts, int contrast, boolean contrastPredicted, Recipient into, List<WhatIf> whatIfs) {}

    private Ready ready(Prompts prompts, RecordedRuns runs) {
        EntityReading to = prompts.recipient();
        RecordedRun recipient = runs.of(to);
        Query composition = first(prompts.asked().composition().compositions(), form);
        int said = reader.tokenInstead(composition, to, prompts.asked().predicted());
        int contrast = said >= 0 ? said : likeliestBut(to.id(), recipient.logits());
        Recipient into = new Recipient(
                model.config(),
                recipient,
                to.id(),
                contrast,
                options.widthFor(model.config().nLayers()));
        List<WhatIf> whatIfs = new ArrayList<>();
        if (!prompts.donors().isEmpty()) {
            whatIfs.add(into.every(to.last(), sources(prompts, runs, EntityReading::last)));
            if (prompts.asked().phraseEnd()) {
                whatIfs.add(into.every(to.phraseEnd(), sources(prompts, runs, EntityReading::phraseEnd)));
            }
        }
        return new Ready(prompts, contrast, said >= 0, into, whatIfs);
    }

    private static List<Recipient.Source> sources(
            Prompts prompts, RecordedRuns runs, ToIntFunction<EntityReading> position) {
        return prompts.donors().stream()
                .map(donor -> new Recipient.Source(runs.of(donor), position.applyAsInt(donor)))
                .toList();
    }

    /** @param readouts by question, by set */
    private CaseMediation mediation(Ready one, RecordedRuns runs, List<List<Readout>> readouts) {
        List<EntityReading> donors = one.prompts().donors();
        List<List<SiteEffects>> byPosition =
                readouts.stream().map(one.into()::effects).toList();
        List<DonorEffects> byDonor = IntStream.range(0, donors.size())
                .mapToObj(donor -> new DonorEffects(
                        one.into().total(runs.of(donors.get(donor))),
                        byPosition.get(0).get(donor),
                        byPosition.size() > 1 ? Optional.of(byPosition.get(1).get(donor)) : Optional.empty()))
                .toList();
        boolean guided = one.prompts().guide().isPresent();
        return new CaseMediation(
                one.prompts().asked().composition().id(),
                one.prompts().asked().composition().bridge(),
                model.tokenizer().token(one.contrast()),
                one.contrastPredicted(),
                one.into().before(),
                guided ? Optional.of(byDonor.get(0)) : Optional.empty(),
                one.prompts().wrong().map(CompositionalCase::bridge),
                one.prompts().control().map(control -> byDonor.get(guided ? 1 : 0)));
    }

    /** A prompt read at the answer of a case, be the prompt about that case or not. */
    private EntityReading read(Query query, CompositionalCase one) {
        return reader.read(query, background.objectType(one.lastHop()), one.answer());
    }

    /** The prompt of a form that decides. */
    static Query first(List<Query> queries, Form form) {
        return Query.first(queries, form)
                .orElseThrow(() -> new IllegalArgumentException("evaluated without a " + form.key()));
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
