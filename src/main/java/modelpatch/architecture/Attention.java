package modelpatch.architecture;

import java.util.Optional;

/**
 * A block's attention.
 *
 * @param clip bound of queries, keys and values before they turn, behind the norms that come first
 * @param normsHeads whether query and key norms see one head each; otherwise all heads of a position together
 * @param normsAfterRotation whether those norms see queries and keys turned already
 * @param rotary how positions turn queries and keys; empty where they do not
 * @param queryGain by what queries grow with their position
 * @param slopes of biases that fall with the distance
 * @param sinks name of a score for each head that takes its share of attention and gives nothing, [n_heads] (gpt-oss; Xiao et al. 2024)
 * @param scale factor of q k^T
 * @param cap soft cap of the scores; empty for none
 * @param window how many positions, itself included, a query sees; 0 for all
 * @param chunks whether the window is the query's own part of the sequence, in parts of that length, instead of what comes right before it
 * @param output W_O, [d_model, n_heads * d_head]
 */
public record Attention(
        Projection projection,
        Optional<Norm> queryNorm,
        Optional<Norm> keyNorm,
        Optional<Double> clip,
        boolean normsHeads,
        boolean normsAfterRotation,
        Optional<Rotary> rotary,
        Optional<QueryGain> queryGain,
        Optional<Slopes> slopes,
        Optional<String> sinks,
        double scale,
        Optional<Double> cap,
        int window,
        boolean chunks,
        Linear output) {}
