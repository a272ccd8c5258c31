package modelpatch.repair;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import modelpatch.patch.PatchStore;

/**
 * Who makes a patch, why, and where it goes.
 *
 * @param store where the patch file and its ledger line are written
 * @param reason in words; empty for a plain account
 * @param approver who is to answer for its use
 * @param expires from when on it must not be used
 * @param options what was asked for, by name, as the patch file will tell it
 * @param force whether a patch that fails a gate is written all the same
 */
public record Authorship(
        PatchStore store,
        String author,
        String reason,
        Optional<String> approver,
        Optional<Instant> expires,
        Map<String, Object> options,
        boolean force) {
    /** A patch that must pass its gates, for no other reason than the repair itself. */
    public static Authorship of(String author, PatchStore store) {
        return new Authorship(store, author, "", Optional.empty(), Optional.empty(), Map.of(), false);
    }
}
