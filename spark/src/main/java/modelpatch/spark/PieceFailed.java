package modelpatch.spark;

/** Thrown where a piece failed on an executor, by its root cause; Spark then tries it once more, elsewhere if it can. */
final class PieceFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Characters of a piece's name that a message shows: it holds all that is asked. */
    private static final int NAME = 200;

    PieceFailed(String piece, String node, Throwable thrown) {
        super(root(thrown) + " on " + node + " in the piece '" + beginning(piece) + "'", root(thrown));
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    private static String beginning(String name) {
        return name.length() <= NAME ? name : name.substring(0, NAME) + " ..";
    }
}
