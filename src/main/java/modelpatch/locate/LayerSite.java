package modelpatch.locate;

import modelpatch.model.Site;

/** The kinds of site that are restored layer by layer, beside single heads. */
enum LayerSite {
    /** What attention adds to the residual stream (MHSA). */
    ATTENTION(Site.Kind.ATTENTION_OUT, false),
    /** What the MLP adds to the residual stream. */
    MLP(Site.Kind.MLP_OUT, false),
    /** The residual stream after the block. */
    RESIDUAL(Site.Kind.RESIDUAL_POST, false),
    /** Attention of a window of layers around the layer, restored together. */
    ATTENTION_WINDOW(Site.Kind.ATTENTION_OUT, true),
    /** MLPs of such a window. */
    MLP_WINDOW(Site.Kind.MLP_OUT, true);

    private final Site.Kind kind;
    private final boolean windowed;

    LayerSite(Site.Kind kind, boolean windowed) {
        this.kind = kind;
        this.windowed = windowed;
    }

    Site.Kind kind() {
        return kind;
    }

    /** The layers that are restored together for a layer. */
    LayerWindow layers(int layer, int width, int layers) {
        return LayerWindow.around(layer, windowed ? width : 1, layers);
    }
}
