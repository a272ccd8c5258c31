package modelpatch.architecture;

import java.util.Optional;

/**
 * A block's attention.
 *
 * @param normsHeads whether query and key norms see one head each; otherwise all heads of a position together
 * @param rotary how positions turn queries and keys; empty where they do not
 * @param scale factor of q k^T
 * @param cap soft cap of the scores; empty for none
 * @param window how many positions, itself included, a query sees; 0 for all
 * @param output W_O, [d_model, n_heads * d_head]
 */
public record Attention(
        Projection projection,
        Optional<Norm> queryNorm,
        Optional<Norm> keyNorm,
        boolean normsHeads,
        Optional<Rotary> rotary,
        double scale,
        Optional<Double> cap,
        int window,
        Linear output) {}
