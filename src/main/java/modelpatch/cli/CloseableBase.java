package modelpatch.cli;

import java.util.Optional;
import modelpatch.model.LanguageModel;

/** A model to compare with, if there is one. */
record CloseableBase(Optional<LanguageModel> model) implements AutoCloseable {
    @Override
    public void close() {
        model.ifPresent(LanguageModel::close);
    }
}
