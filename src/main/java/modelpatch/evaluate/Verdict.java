package modelpatch.evaluate;

/** What a protocol made of one reply. */
public enum Verdict {
    RIGHT,
    WRONG,
    /** Nothing was there to judge. It counts as wrong in every rate and is counted by itself beside it. */
    UNPARSED;

    public boolean right() {
        return this == RIGHT;
    }
}
