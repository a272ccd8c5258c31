package modelpatch.guard;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.evaluate.Piece;
import modelpatch.evaluate.Progress;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;

/**
 * A suite to run on a model, as any machine can that sees the same files.
 *
 * @param suite its file, absolute
 * @param digest of it
 * @param base what drift is measured from; empty for nothing
 */
record SuiteRun(String suite, String digest, Optional<String> base) implements Piece<SuiteHistory.Entry> {
    @Override
    public String name() {
        return "suite " + suite + " (" + digest + ")";
    }

    @Override
    public TypeReference<SuiteHistory.Entry> type() {
        return new TypeReference<>() {};
    }

    @Override
    public SuiteHistory.Entry on(LanguageModel model, Clock clock) {
        RegressionSuite read = RegressionSuite.read(Path.of(suite));
        if (!read.digest().equals(digest)) {
            throw new BadInput("another suite", suite, digest, read.digest(), "put the same files on every node");
        }
        Optional<LanguageModel> compared = base.map(
                path -> LanguageModel.open(Path.of(path), LoadOptions.defaults().withThreads(1)));
        try {
            GuardTarget target = new PatchedModel(model, PatchStack.empty(), model).target(compared);
            return SuiteHistory.Entry.of(
                    new SuiteRunner(clock, Progress.UNWATCHED).run(read, target),
                    clock.instant().toString());
        } finally {
            compared.ifPresent(LanguageModel::close);
        }
    }
}
