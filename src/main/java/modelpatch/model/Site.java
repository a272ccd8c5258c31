package modelpatch.model;

/**
 * Where a run can be read or changed: one kind of activation in one block.
 *
 * @param layer block, from 0
 */
public record Site(Kind kind, int layer) {

    /** The kinds of activation; d is d_model, each is a row per position. */
    public enum Kind {
        /** Residual stream before the block, [d]. */
        RESIDUAL_PRE,
        /** Attention heads' outputs before W_O, one head after the other, [n_heads * d_head]. */
        Z,
        /** What attention adds to the residual stream, [d]. */
        ATTENTION_OUT,
        /** Residual stream between attention and MLP, [d]. */
        RESIDUAL_MID,
        /** The MLP's hidden units, the input of its second matrix, [d_mlp]. */
        MLP_HIDDEN,
        /** What the MLP adds to the residual stream, [d]. */
        MLP_OUT,
        /** Residual stream after the block, [d]. */
        RESIDUAL_POST
    }

    public Site {
        if (layer < 0) {
            throw new IllegalArgumentException("layer " + layer);
        }
    }
}
