package modelpatch.locate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Clock;
import java.util.List;
import modelpatch.evaluate.Piece;
import modelpatch.model.LanguageModel;

/**
 * A batch of bridges to rank at the end of their phrases.
 *
 * @param tokens of each bridge, {@code [bridge][token]}
 */
record BridgeRanks(String name, List<EntityReading> bridges, List<int[]> tokens) implements Piece<List<int[]>> {
    static final TypeReference<List<int[]>> GIVES = new TypeReference<>() {};

    @Override
    public TypeReference<List<int[]>> type() {
        return GIVES;
    }

    @Override
    public List<int[]> on(LanguageModel model, Clock clock) {
        return new Lens(model).bestRanksAtPhraseEnd(bridges, tokens);
    }
}
