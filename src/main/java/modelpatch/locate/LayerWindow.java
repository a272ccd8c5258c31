package modelpatch.locate;

import modelpatch.BadInput;

/**
 * Consecutive layers that are restored or edited together: [first, last], both included.
 *
 * @param first lowest layer
 * @param last highest layer
 */
record LayerWindow(int first, int last) {
    /**
     * The window of {@code width} layers around one, cut at both ends of the model: layer - width / 2 up to layer - width / 2 + width - 1.
     * For an even width that is one more layer below than above, as in the CREME code.
     *
     * @param layer the centre, in [0, layers)
     * @param width at least 1
     * @param layers of the model
     */
    static LayerWindow around(int layer, int width, int layers) {
        if (layer < 0 || layer >= layers || width < 1) {
            throw new BadInput(
                    "not a window of this model",
                    "window of layers",
                    "a layer below " + layers + " and a width of at least 1",
                    "layer " + layer + ", width " + width,
                    "count layers from 0");
        }
        int first = layer - width / 2;
        return new LayerWindow(Math.max(0, first), Math.min(layers, first + width) - 1);
    }

    boolean contains(int layer) {
        return first <= layer && layer <= last;
    }

    int size() {
        return last - first + 1;
    }
}
