package modelpatch.locate;

import java.util.List;
import java.util.Optional;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;

/** Makes the prompts by which cases are mediated: failing ones by their guide and by a wrong bridge's guide, right ones by the latter alone. */
final class MediationPrompts {
    private final EntityReader reader;
    private final Background background;
    private final WrongBridges wrongBridges;
    private final Form form;

    MediationPrompts(EntityReader reader, Background background, WrongBridges wrongBridges, Form form) {
        this.reader = reader;
        this.background = background;
        this.wrongBridges = wrongBridges;
        this.form = form;
    }

    /**
     * To find which sites of its guide prompt bring a failing composition its answer.
     *
     * @param predicted what the model says instead
     * @param phraseEnd whether to mediate at the end of the first hop's phrase too
     */
    MediatedCase restoring(CompositionalCase failing, String predicted, boolean phraseEnd) {
        return of(failing, predicted, phraseEnd, Optional.of(read(first(failing.guides(), form), failing)));
    }

    /** To find which sites of a right composition, overwritten from the guide of a wrong bridge, take its answer away. */
    MediatedCase noising(CompositionalCase right, boolean phraseEnd) {
        return of(right, "", phraseEnd, Optional.empty());
    }

    private MediatedCase of(CompositionalCase one, String predicted, boolean phraseEnd, Optional<EntityReading> guide) {
        Query composition = first(one.compositions(), form);
        EntityReading recipient = read(composition, one);
        Optional<CompositionalCase> wrong = wrongBridges.of(one);
        return new MediatedCase(
                one.id(),
                one.bridge(),
                phraseEnd,
                recipient,
                reader.tokenInstead(composition, recipient, predicted),
                guide,
                wrong.map(CompositionalCase::bridge),
                wrong.map(other -> read(first(other.guides(), form), one)));
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
}
