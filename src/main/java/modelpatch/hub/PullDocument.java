package modelpatch.hub;

import java.util.List;

/**
 * What was fetched.
 *
 * @param model its name on the hub
 * @param commit the revision's commit
 * @param folder where it lies now
 */
public record PullDocument(String model, String commit, String folder, List<Fetched> files) {
    /**
     * A file.
     *
     * @param digest by which it was checked
     * @param fetched bytes that came over the network for it; 0 where it lay here already
     */
    public record Fetched(String name, long bytes, String digest, long fetched) {}
}
