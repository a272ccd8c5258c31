package modelpatch.evaluate;

/** Whoever follows a long piece of work: told of its parts and their progress, and free to end it between two steps by {@link Stopped}. */
@FunctionalInterface
public interface Onlooker {
    /** For work that nobody follows. */
    Onlooker NOBODY = part -> new Part() {
        @Override
        public void at(int done, int total) {}

        @Override
        public void close() {}
    };

    /**
     * A part of the work begins; whoever does the work closes it when it ends, or fails.
     *
     * @param name such as {@code asking}
     */
    Part begin(String name);

    /** Something to know that is no result. */
    default void remark(String text) {}

    /** A remark for those who want to hear more. */
    default void detail(String text) {}

    /**
     * Called where work pauses without progress to tell.
     *
     * @throws Stopped to end the work
     */
    default void check() {}

    /** A part of the work, until it is closed. */
    interface Part extends Progress, AutoCloseable {
        /** What is being done now, for those who follow closely. */
        default void doing(String what) {}

        @Override
        void close();
    }
}
