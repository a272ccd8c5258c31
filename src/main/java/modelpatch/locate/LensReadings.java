package modelpatch.locate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import modelpatch.evaluate.Piece;
import modelpatch.model.LanguageModel;

/** A batch of compositions to read in the lens. */
record LensReadings(String name, List<Lens.Entities> compositions) implements Piece<List<CaseLens>> {
    @Override
    public TypeReference<List<CaseLens>> type() {
        return new TypeReference<>() {};
    }

    @Override
    public List<CaseLens> on(LanguageModel model) {
        return new Lens(model).read(compositions);
    }
}
