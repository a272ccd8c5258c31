package modelpatch.locate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Clock;
import java.util.List;
import modelpatch.evaluate.Piece;
import modelpatch.model.LanguageModel;

/** A batch of cases to mediate. */
record Mediation(String name, List<MediatedCase> cases, int windowWidth) implements Piece<List<CaseMediation>> {
    static final TypeReference<List<CaseMediation>> GIVES = new TypeReference<>() {};

    @Override
    public TypeReference<List<CaseMediation>> type() {
        return GIVES;
    }

    @Override
    public List<CaseMediation> on(LanguageModel model, Clock clock) {
        return new CaseMediator(model, windowWidth).mediate(cases);
    }
}
