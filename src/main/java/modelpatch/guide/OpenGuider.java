package modelpatch.guide;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.export.LoraAdapter;
import modelpatch.export.LoraReader;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;

/**
 * A guider with its base.
 *
 * @param base the guider before it learned what it is to lend; the target itself where both are one file
 * @param guider a view of the base, or a model of its own
 * @param ownsBase whether the base is closed with this
 * @param bytes that both take beside the target
 */
public record OpenGuider(LanguageModel base, LanguageModel guider, boolean ownsBase, long bytes)
        implements AutoCloseable {
    /**
     * Opens both.
     *
     * @param target stays the caller's
     * @param base a model; that of the target may be named again
     * @param guider a PEFT adapter of the base, a patch file for it, or a model of its own
     * @throws BadInput where an adapter or patch is of another model
     */
    public static OpenGuider open(LanguageModel target, Path base, Path guider, LoadOptions options) {
        boolean same = target.checkpoint()
                .path()
                .toAbsolutePath()
                .normalize()
                .equals(base.toAbsolutePath().normalize());
        LanguageModel opened = same ? target : LanguageModel.open(base, options);
        try {
            LanguageModel beside = guider(opened, guider, options);
            long bytes = same ? 0 : Float.BYTES * opened.parameters();
            return new OpenGuider(opened, beside, !same, bytes);
        } catch (RuntimeException e) {
            if (!same) {
                opened.close();
            }
            throw e;
        }
    }

    private static LanguageModel guider(LanguageModel base, Path guider, LoadOptions options) {
        if (Files.exists(guider.resolve("adapter_config.json"))) {
            var patch = LoraReader.read(guider, base.checkpoint(), "", "", Instant.EPOCH);
            return base.with(LoraAdapter.adapter(patch.deltas(), base.layout()));
        }
        if (guider.toString().endsWith(PatchFile.SUFFIX)) {
            PatchStack stack = PatchStack.read(List.of(guider));
            stack.requireFits(base.checkpoint());
            return base.with(stack.weights(base.checkpoint()));
        }
        if (!Files.exists(guider)) {
            throw new BadInput(
                    "no such guider",
                    "--guider " + guider,
                    "a PEFT adapter's folder, a patch file or a model",
                    "nothing there",
                    "check the path");
        }
        return LanguageModel.open(guider, options);
    }

    @Override
    public void close() {
        guider.close();
        if (ownsBase) {
            base.close();
        }
    }
}
