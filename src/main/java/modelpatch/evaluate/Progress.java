package modelpatch.evaluate;

/** Told how far a long piece of work has come, between two steps of it. May end the work by throwing; what was handed out stays. */
@FunctionalInterface
public interface Progress {
    /** For work that nobody watches. */
    Progress UNWATCHED = (done, total) -> {};

    /**
     * Some more is done.
     *
     * @param done how many questions are answered
     * @param total how many there are
     */
    void at(int done, int total);
}
