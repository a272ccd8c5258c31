package modelpatch.locate;

import java.util.List;

/**
 * How near each block's reading comes to what the model says in the end, with and without a tuned lens.
 *
 * @param rows positions that the lens was trained on
 * @param heldOut positions that it is measured on, of other passages
 * @param steps of each block's training
 * @param layers every block but the last
 */
public record TunedLensDocument(int rows, int heldOut, int steps, List<Layer> layers, double seconds) {
    /**
     * One block.
     *
     * @param logitLens divergence of the plain reading from the last block's, in nats, the mean of the held-out positions
     * @param tuned the same through the tuned lens
     */
    public record Layer(int layer, double logitLens, double tuned) {}

    public TunedLensDocument {
        layers = List.copyOf(layers);
    }
}
