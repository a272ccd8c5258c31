package modelpatch.patch;

import java.nio.file.Path;

/**
 * A patch that was made of an adapter.
 *
 * @param patch its id
 * @param parameters how many numbers it has
 */
public record ImportDocument(String patch, String file, int tensors, long parameters) {
    public static ImportDocument of(WeightPatch patch, Path file) {
        return new ImportDocument(patch.id(), file.toString(), patch.tensors().size(), patch.parameters());
    }
}
