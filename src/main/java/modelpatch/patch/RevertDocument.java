package modelpatch.patch;

import java.util.List;

/**
 * A patch that was taken off.
 *
 * @param reverted its id
 * @param base digest of the base that it was on
 * @param left ids of what is still on, lowest first
 * @param stale ids of those that were made on what is no longer below them
 */
public record RevertDocument(String reverted, String base, List<String> left, List<String> stale) {
    /** @param left what is still on */
    public static RevertDocument of(WeightPatch off, PatchStack left) {
        return new RevertDocument(
                off.id(),
                off.baseDigest(),
                left.patches().stream().map(WeightPatch::id).toList(),
                left.stale().stream().map(WeightPatch::id).toList());
    }
}
