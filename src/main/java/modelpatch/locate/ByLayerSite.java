package modelpatch.locate;

import java.util.function.Function;

/**
 * Something for every kind of site that is restored layer by layer.
 *
 * @param attention for what attention adds to the residual stream (MHSA)
 * @param mlp for what the MLP adds
 * @param residual for the residual stream after the block
 * @param attentionWindows for the attention of a window of layers, restored together
 * @param mlpWindows for the MLPs of such a window
 */
public record ByLayerSite<T>(T attention, T mlp, T residual, T attentionWindows, T mlpWindows) {
    static <T> ByLayerSite<T> of(Function<LayerSite, T> each) {
        return new ByLayerSite<>(
                each.apply(LayerSite.ATTENTION),
                each.apply(LayerSite.MLP),
                each.apply(LayerSite.RESIDUAL),
                each.apply(LayerSite.ATTENTION_WINDOW),
                each.apply(LayerSite.MLP_WINDOW));
    }

    T of(LayerSite site) {
        return switch (site) {
            case ATTENTION -> attention;
            case MLP -> mlp;
            case RESIDUAL -> residual;
            case ATTENTION_WINDOW -> attentionWindows;
            case MLP_WINDOW -> mlpWindows;
        };
    }
}
