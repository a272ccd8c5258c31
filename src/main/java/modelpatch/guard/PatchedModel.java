package modelpatch.guard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.architecture.BaseReading;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.Replica;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/**
 * A model with patches on it. Closing it closes both models.
 *
 * @param base as its checkpoint stores it
 * @param stack the patches on it, lowest first
 * @param model the base with the patches, sharing every other tensor with it; the base itself where there are none
 */
public record PatchedModel(LanguageModel base, PatchStack stack, LanguageModel model) implements Replica.Opened {
    /**
     * Puts patches on an open model, which then is this one's.
     *
     * @throws modelpatch.BadInput where a patch belongs to another base; the model is then closed
     */
    public static PatchedModel of(LanguageModel base, PatchStack stack) {
        try {
            LanguageModel model = stack.isEmpty() ? base : base.with(stack.weights(base.checkpoint()));
            return new PatchedModel(base, stack, model);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    /**
     * Opens a model and puts patches on it.
     *
     * @param model a checkpoint's folder or file
     * @throws modelpatch.BadInput where it cannot be opened, or a patch belongs to another base
     */
    public static PatchedModel open(Path model, PatchStack stack, LoadOptions options) {
        return of(LanguageModel.open(model, options), stack);
    }

    /** Opens a model, on all cores, and puts patches on it. */
    public static PatchedModel open(Path model, PatchStack stack) {
        return open(model, stack, LoadOptions.defaults());
    }

    /** Names the model without patches by its weights and by how they and texts are read. */
    public String baseIdentity() {
        return base.digest() + "\n" + BaseReading.of(base.checkpoint());
    }

    /** Names base and patches together. */
    public String digest() {
        return stack.digest(base.digest());
    }

    /** Ids of the patches, lowest first. */
    public List<String> patchIds() {
        return stack.patches().stream().map(WeightPatch::id).toList();
    }

    /** How reports name it. */
    public EvaluationReport.Model reported() {
        return new EvaluationReport.Model(base.name(), digest(), patchIds());
    }

    /**
     * What suites are run on.
     *
     * @param compared what drift is measured from instead of the base; empty for the base, and for nothing where there are no patches
     */
    public GuardTarget target(Optional<LanguageModel> compared) {
        Optional<LanguageModel> from = compared.isEmpty() && !stack.isEmpty() ? Optional.of(base) : compared;
        return new GuardTarget(
                base.name(),
                digest(),
                Optional.of(BaseReading.of(base.checkpoint())),
                patchIds(),
                bytes(base.checkpoint().path()),
                model,
                text -> from.map(unchanged ->
                        DriftMeter.on(text.title(), unchanged, text.passages()).measure(model)));
    }

    /** Size of a model's files: a file's own, or that of the weights in a directory. */
    private static long bytes(Path model) {
        if (!Files.isDirectory(model)) {
            return size(model);
        }
        try (Stream<Path> files = Files.list(model)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .mapToLong(PatchedModel::size)
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

    @Override
    public void close() {
        if (model != base) {
            model.close();
        }
        base.close();
    }
}
