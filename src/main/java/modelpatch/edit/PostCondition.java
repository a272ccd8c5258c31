package modelpatch.edit;

/**
 * What an edit had to achieve and what it did, measured on the float32 weights that result.
 *
 * @param name what was checked, with its layer or tensor
 * @param required the largest error that counts as achieved
 * @param observed the error found
 * @param met whether observed is within required
 */
public record PostCondition(String name, double required, double observed, boolean met) {
    static PostCondition atMost(String name, double required, double observed) {
        return new PostCondition(name, required, observed, observed <= required);
    }
}
