package modelpatch.locate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import modelpatch.evaluate.Piece;
import modelpatch.model.LanguageModel;

/** A batch of cases to mediate. */
record Mediation(String name, List<MediatedCase> cases, int windowWidth) implements Piece<List<CaseMediation>> {
    @Override
    public TypeReference<List<CaseMediation>> type() {
        return new TypeReference<>() {};
    }

    @Override
    public List<CaseMediation> on(LanguageModel model) {
        return new CaseMediator(model, windowWidth).mediate(cases);
    }
}
