package modelpatch.locate;

import java.util.List;
import java.util.Optional;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.model.LanguageModel;
import modelpatch.model.RecordedRun;

/** Mediates cases: failing ones from their guide and from a wrong bridge's guide, right ones from the latter alone. */
final class CaseMediator {
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

    /** Which sites of a guide prompt bring a failing composition its answer. */
    CaseMediation restore(CompositionalCase one, String predicted) {
        return mediate(one, predicted, true);
    }

    /** Which sites of a right composition, overwritten from the guide of a wrong bridge, take its answer away. */
    CaseMediation noise(CompositionalCase one) {
        return mediate(one, "", false);
    }

    private CaseMediation mediate(CompositionalCase one, String predicted, boolean restores) {
        Query composition = first(one.compositions(), form);
        EntityReading to = read(composition, one);
        try (RecordedRun recipient = model.record(to.prefix(), to.sequence())) {
            int said = reader.tokenInstead(composition, to, predicted);
            int contrast = said >= 0 ? said : likeliestBut(to.id(), recipient.logits());
            int width = options.widthFor(model.config().nLayers());
            Mediation mediation = new Mediation(model.config(), recipient, to.id(), contrast, width);
            Optional<CompositionalCase> wrong = wrongBridges.of(one);
            return new CaseMediation(
                    one.id(),
                    one.bridge(),
                    model.tokenizer().token(contrast),
                    said >= 0,
                    mediation.before(),
                    restores ? Optional.of(restoration(mediation, to, one, one)) : Optional.empty(),
                    wrong.map(CompositionalCase::bridge),
                    wrong.map(other -> restoration(mediation, to, other, one)));
        }
    }

    private Restoration restoration(
            Mediation mediation, EntityReading to, CompositionalCase donorCase, CompositionalCase one) {
        EntityReading from = read(first(donorCase.guides(), form), one);
        try (RecordedRun donor = model.record(from.prefix(), from.sequence())) {
            return new Restoration(
                    mediation.total(donor),
                    mediation.effects(donor, from.last(), to.last()),
                    options.phraseEnd()
                            ? Optional.of(mediation.effects(donor, from.phraseEnd(), to.phraseEnd()))
                            : Optional.empty());
        }
    }

    /** A prompt read at the answer of a case, be the prompt about that case or not. */
    private EntityReading read(Query query, CompositionalCase one) {
        return reader.read(query, background.objectType(one.lastHop()), one.answer());
    }

    /** The prompt of a form that decides. */
    static Query first(List<Query> queries, Form form) {
        return queries.stream()
                .filter(query -> query.form() == form)
                .findFirst()
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
