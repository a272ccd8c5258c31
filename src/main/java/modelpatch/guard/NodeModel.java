package modelpatch.guard;

import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.evaluate.Replica;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;

/**
 * A model with its patches as every node of a cluster finds it: by paths that all of them see.
 *
 * @param path of the base, absolute
 * @param patches their files, absolute, lowest first
 * @param allowNonFinite as in {@link LoadOptions}
 * @param digest of base and patches
 * @param reading how configuration and tokenizer read it
 * @param memory bytes that it needs
 */
public record NodeModel(
        String path, List<String> patches, boolean allowNonFinite, String digest, String reading, long memory)
        implements Replica {
    public NodeModel {
        patches = List.copyOf(patches);
    }

    /**
     * Where others find an open model.
     *
     * @param patches the files of its patches, lowest first
     */
    public static NodeModel of(PatchedModel opened, List<Path> patches, boolean allowNonFinite) {
        return new NodeModel(
                absolute(opened.base().checkpoint().path()),
                patches.stream().map(NodeModel::absolute).toList(),
                allowNonFinite,
                opened.digest(),
                reading(opened),
                LanguageModel.memoryNeeded(opened.base().checkpoint()));
    }

    /** A model without patches that is not open. */
    static NodeModel of(Checkpoint base) {
        return new NodeModel(
                absolute(base.path()),
                List.of(),
                false,
                base.digest(),
                BaseReading.of(base).toString(),
                LanguageModel.memoryNeeded(base));
    }

    /** As every node finds it, wherever it works. */
    static String absolute(Path path) {
        return path.toAbsolutePath().normalize().toString();
    }

    private static String reading(PatchedModel opened) {
        return BaseReading.of(opened.base().checkpoint()).toString();
    }

    @Override
    public Replica.Opened open(int threads) {
        PatchedModel opened = PatchedModel.open(
                Path.of(path),
                PatchStack.read(patches.stream().map(Path::of).toList()),
                new LoadOptions(threads, allowNonFinite, 0));
        try {
            require("weights", digest, opened.digest());
            require("configuration and tokenizer", reading, reading(opened));
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private void require(String what, String expected, String found) {
        if (!expected.equals(found)) {
            throw new BadInput("another model", path, what + " " + expected, found, "put the same files on every node");
        }
    }
}
