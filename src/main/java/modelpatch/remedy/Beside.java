package modelpatch.remedy;

import java.util.Set;
import modelpatch.model.AnswerModel;
import modelpatch.tokenizer.Tokenizer;

/** A model that answers in another's place and is like it in all else: vocabulary, length, ends, and texts that are no questions. */
abstract class Beside implements AnswerModel {
    private final AnswerModel model;

    Beside(AnswerModel model) {
        this.model = model;
    }

    @Override
    public final Tokenizer tokenizer() {
        return model.tokenizer();
    }

    @Override
    public final int contextLength() {
        return model.contextLength();
    }

    @Override
    public final Set<Integer> endTokens() {
        return model.endTokens();
    }

    /** Texts as a whole, such as those that drift is measured on, are left to the model. */
    @Override
    public final float[][] allLogits(int[] prefix, int[] prompt) {
        return model.allLogits(prefix, prompt);
    }
}
