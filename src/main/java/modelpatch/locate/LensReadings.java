package modelpatch.locate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Clock;
import java.util.List;
import modelpatch.evaluate.Piece;
import modelpatch.model.LanguageModel;

/** A batch of compositions to read in the lens. */
record LensReadings(String name, List<Lens.Entities> compositions) implements Piece<List<CaseLens>> {
    static final TypeReference<List<CaseLens>> GIVES = new TypeReference<>() {};

    @Override
    public TypeReference<List<CaseLens>> type() {
        return GIVES;
    }

    @Override
    public List<CaseLens> on(LanguageModel model, Clock clock) {
        return new Lens(model).read(compositions);
    }
}
