package modelpatch.guard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/** A model with its patches, opened to be guarded. */
public final class OpenTarget implements AutoCloseable {
    private final LanguageModel base;
    private final LanguageModel model;
    private final Optional<LanguageModel> compared;
    private final GuardTarget target;

    private OpenTarget(LanguageModel base, LanguageModel model, PatchStack stack, Optional<LanguageModel> compared) {
        this.base = base;
        this.model = model;
        this.compared = compared;
        this.target = of(base, stack, model, compared);
    }

    /**
     * Opens a model and puts patches on it.
     *
     * @param patches files, lowest first
     * @param compared what a model without patches is compared with for drift; null for nothing
     * @param policy which patches must keep it; null for none
     * @param now the time, by which patches expire
     * @throws modelpatch.BadInput where a patch is damaged, belongs to another base, or is refused by the policy
     */
    public static OpenTarget open(
            Path model, List<Path> patches, Path compared, Path policy, int threads, Instant now) {
        PatchStack stack = PatchStack.read(patches);
        if (policy != null) {
            Policy.read(policy).require(stack, now);
        }
        LoadOptions options = LoadOptions.defaults().withThreads(threads);
        LanguageModel base = LanguageModel.open(model, options);
        try {
            LanguageModel patched = stack.isEmpty() ? base : base.with(stack.weights(base.checkpoint()));
            Optional<LanguageModel> other =
                    Optional.ofNullable(compared).map(path -> LanguageModel.open(path, options));
            return new OpenTarget(base, patched, stack, other);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /**
     * What suites are run on.
     *
     * @param patched the base with the stack on it; the base itself where the stack is empty
     * @param compared what drift is measured from instead of the base; empty for the base, and for nothing where there are no patches
     */
    public static GuardTarget of(
            LanguageModel base, PatchStack stack, LanguageModel patched, Optional<LanguageModel> compared) {
        Optional<LanguageModel> from = compared.isEmpty() && !stack.isEmpty() ? Optional.of(base) : compared;
        return new GuardTarget(
                base.name(),
                stack.digest(base.digest()),
                stack.patches().stream().map(WeightPatch::id).toList(),
                bytes(base.checkpoint().path()),
                patched,
                text -> from.map(unchanged ->
                        DriftMeter.on(text.title(), unchanged, text.passages()).measure(patched)));
    }

    /** Size of a model's files: a file's own, or that of the weights in a directory. */
    private static long bytes(Path model) {
        if (!Files.isDirectory(model)) {
            return size(model);
        }
        try (Stream<Path> files = Files.list(model)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(OpenTarget::size)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public GuardTarget target() {
        return target;
    }

    @Override
    public void close() {
        compared.ifPresent(LanguageModel::close);
        if (model != base) {
            model.close();
        }
        base.close();
    }
}
