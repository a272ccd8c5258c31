package modelpatch.evaluate;

import java.util.List;

/** Machines that do pieces of work. Closing it sends them home. */
public interface Crew extends AutoCloseable {
    /**
     * Has pieces done, side by side and in any order, and waits for them.
     *
     * @param done is handed what each piece gave, as JSON, with its place among the errands, on the calling thread
     * @param onlooker hears what happens to the machines; asked several times a second whether to go on
     * @throws modelpatch.BadInput what a piece met, as it would be met here; or a machine without the model
     * @throws Stopped where the onlooker ends the work; what is being done is given up
     */
    void work(List<Errand> errands, Onlooker onlooker, Done done);

    /** Takes what has come back. */
    @FunctionalInterface
    interface Done {
        void at(int index, byte[] json);
    }

    @Override
    void close();
}
