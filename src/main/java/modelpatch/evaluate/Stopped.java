package modelpatch.evaluate;

/**
 * Thrown by an {@link Onlooker} or a {@link Progress} to end long work between two of its steps. Use cases that keep partial results answer
 * by returning what they have; the others let it pass.
 */
public final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Stopped() {
        super("interrupted");
    }
}
