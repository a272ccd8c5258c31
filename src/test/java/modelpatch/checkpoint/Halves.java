package modelpatch.checkpoint;

/** The project's rounding to 16 bits, which has tests of its own, for tests of other packages. */
public final class Halves {
    private Halves() {}

    /** The bits of the nearest binary16. */
    public static short half(float value) {
        return HalfPrecision.toHalf(value);
    }
}
