package modelpatch.guide;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.export.LoraAdapter;
import modelpatch.export.LoraReader;
import modelpatch.model.Adapter;
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
            Beside beside = guider(opened, guider, options);
            long bytes = beside.bytes() + (same ? 0 : Float.BYTES * opened.parameters());
            return new OpenGuider(opened, beside.guider(), !same, bytes);
        } catch (RuntimeException e) {
            if (!same) {
                opened.close();
            }
            throw e;
        }
    }

    /** A guider with the bytes that it takes beside its base. */
    private record Beside(LanguageModel guider, long bytes) {}

    private static Beside guider(LanguageModel base, Path guider, LoadOptions options) {
        if (Files.exists(guider.resolve("adapter_config.json"))) {
            var patch = LoraReader.read(guider, base.checkpoint(), "", "", Instant.EPOCH);
            Adapter adapter = LoraAdapter.adapter(patch.deltas(), base.layout());
            return new Beside(base.with(adapter), Float.BYTES * adapter.parameters());
        }
        if (guider.toString().endsWith(PatchFile.SUFFIX)) {
            PatchStack stack = PatchStack.read(List.of(guider));
            stack.requireFits(base.checkpoint());
            Map<String, float[]> weights = stack.weights(base.checkpoint());
            long bytes = weights.values().stream()
                    .mapToLong(weight -> (long) Float.BYTES * weight.length)
                    .sum();
            return new Beside(base.with(weights), bytes);
        }
        if (!Files.exists(guider)) {
            throw new BadInput(
                    "no such guider",
                    "--guider " + guider,
                    "a PEFT adapter's folder, a patch file or a model",
                    "nothing there",
                    "check the path");
        }
        LanguageModel own = LanguageModel.open(guider, options);
        return new Beside(own, Float.BYTES * own.parameters());
    }

    /**
     * This beside a target.
     *
     * @param mapsTokens whether vocabularies may differ
     * @throws BadInput where they do and may not
     */
    public Guided beside(LanguageModel target, Strength strength, boolean mapsTokens) {
        return Guided.of(target, guider, base, strength, mapsTokens, bytes);
    }

    @Override
    public void close() {
        guider.close();
        if (ownsBase) {
            base.close();
        }
    }
}
