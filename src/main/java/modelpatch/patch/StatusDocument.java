package modelpatch.patch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is on, as the ledger says.
 *
 * @param ledger its file
 * @param head hash of its last line; empty for an empty ledger
 * @param models those that have patches on them, in the order in which they first got one
 */
public record StatusDocument(String ledger, String head, List<Model> models) {
    /**
     * A base and what is on it.
     *
     * @param patches lowest first
     */
    public record Model(String name, String digest, List<On> patches) {}

    /**
     * A patch that is on.
     *
     * @param file where it lies
     * @param cases which it corrects
     * @param verdict of its gates when it was put on
     * @param author who put it on
     * @param stale whether it was made on patches that are not below it any more, so that its evidence does not speak of this stack
     */
    public record On(
            String id,
            String method,
            String file,
            List<String> cases,
            String verdict,
            String author,
            String reason,
            Instant time,
            boolean stale) {}

    /**
     * Reads the ledger of a store, and the files of the patches that are on.
     *
     * @throws modelpatch.BadInput where a line was changed, or such a file is missing or damaged
     */
    public static StatusDocument of(PatchStore store) {
        return store.ledger().undisturbed(() -> {
            List<LedgerEntry> entries = store.ledger().entries();
            List<Model> models = new ArrayList<>();
            for (Map.Entry<String, PatchStack> base : store.stacks().entrySet()) {
                List<WeightPatch> patches = base.getValue().patches();
                List<WeightPatch> stale = base.getValue().stale();
                models.add(new Model(
                        patches.get(0).baseName(),
                        base.getKey(),
                        patches.stream()
                                .map(patch -> on(patch, stale.contains(patch), entries, store))
                                .toList()));
            }
            String head =
                    entries.isEmpty() ? "" : entries.get(entries.size() - 1).hash();
            return new StatusDocument(store.ledger().file().toString(), head, models);
        });
    }

    private static On on(WeightPatch patch, boolean stale, List<LedgerEntry> entries, PatchStore store) {
        LedgerEntry line = entries.stream()
                .filter(entry -> entry.action().equals(PatchStore.APPLY)
                        && entry.details().path("patch").asText().equals(patch.id()))
                .reduce((first, last) -> last)
                .orElseThrow();
        List<String> cases = new ArrayList<>();
        line.details().path("cases").forEach(one -> cases.add(one.asText()));
        return new On(
                patch.id(),
                patch.provenance().method(),
                store.file(patch).toString(),
                cases,
                line.details().path("verdict").asText(),
                line.author(),
                line.reason(),
                line.time(),
                stale);
    }
}
