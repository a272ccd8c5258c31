package modelpatch.document;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import modelpatch.BadInput;

/** A file that another file names. Files come from strangers, so what they name may only lie beside or below them. */
public final class NamedFile {
    private NamedFile() {}

    /**
     * The file of a name, beside or below the one that names it.
     *
     * @throws BadInput where the name leads elsewhere or is none
     */
    public static Path beside(Path file, String name) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        try {
            Path given = Path.of(name);
            Path named = folder.resolve(given).normalize();
            if (!name.isEmpty() && !given.isAbsolute() && named.startsWith(folder) && !named.equals(folder)) {
                return file.resolveSibling(given);
            }
        } catch (InvalidPathException e) {
            throw refused(file, name).causedBy(e);
        }
        throw refused(file, name);
    }

    private static BadInput refused(Path file, String name) {
        return new BadInput(
                "a file names one outside of its folder",
                file.toString(),
                "the name of a file beside or below it",
                "\"" + name + "\"",
                "get the file from where you trust it");
    }
}
