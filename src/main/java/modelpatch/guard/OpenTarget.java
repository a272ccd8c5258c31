package modelpatch.guard;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;

/** A model with its patches and what it is compared with, opened to be guarded. */
public final class OpenTarget implements AutoCloseable {
    private final PatchedModel patched;
    private final Optional<LanguageModel> compared;

    private OpenTarget(PatchedModel patched, Optional<LanguageModel> compared) {
        this.patched = patched;
        this.compared = compared;
    }

    /**
     * Opens a model and puts patches on it.
     *
     * @param patches files, lowest first
     * @param compared what a model without patches is compared with for drift; null for nothing
     * @param policy which patches must keep it; null for {@link Policy#DEFAULTS}
     * @param now the time, by which patches expire
     * @throws modelpatch.BadInput where a patch is damaged, belongs to another base, or is refused by the policy
     */
    public static OpenTarget open(
            Path model, List<Path> patches, Path compared, Path policy, int threads, Instant now) {
        PatchStack stack = PatchStack.read(patches);
        (policy == null ? Policy.DEFAULTS : Policy.read(policy)).require(stack, now);
        LoadOptions options = LoadOptions.defaults().withThreads(threads);
        PatchedModel patched = PatchedModel.open(model, stack, options);
        try {
            return new OpenTarget(
                    patched, Optional.ofNullable(compared).map(path -> LanguageModel.open(path, options)));
        } catch (RuntimeException e) {
            patched.close();
            throw e;
        }
    }

    public GuardTarget target() {
        return patched.target(compared);
    }

    @Override
    public void close() {
        compared.ifPresent(LanguageModel::close);
        patched.close();
    }
}
