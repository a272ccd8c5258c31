package modelpatch.hub;

import modelpatch.BadInput;

/**
 * A model as hubs name it.
 *
 * @param repository organisation and name, with a slash between
 * @param revision a branch, a tag or a commit
 */
public record HubName(String repository, String revision) {
    private static final String PART = "[A-Za-z0-9_-][\\w.-]*";

    /**
     * Reads {@code org/name} or {@code org/name@revision}.
     *
     * @throws BadInput where it is no such name
     */
    public static HubName of(String text) {
        String[] parts = text.split("@", 2);
        String revision = parts.length == 1 ? "main" : parts[1];
        if (!parts[0].matches(PART + "/" + PART) || !revision.matches(PART)) {
            throw new BadInput(
                    "no name of a model on a hub",
                    text,
                    "ORG/NAME or ORG/NAME@REVISION",
                    "something else",
                    "see patch pull --help");
        }
        return new HubName(parts[0], revision);
    }

    @Override
    public String toString() {
        return repository + "@" + revision;
    }
}
