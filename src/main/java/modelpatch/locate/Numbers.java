package modelpatch.locate;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers as findings keep them. */
final class Numbers {
    private static final MathContext DIGITS = new MathContext(6);

    private Numbers() {}

    /** Six significant digits: more than float32 runs can promise, and files stay readable. */
    static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : value;
    }
}
