package modelpatch.architecture;

import java.util.Optional;
import modelpatch.family.Switches.MlpReads;

/**
 * One block: mid = x + norm(attention(norm(x))), then mid + norm(mlp(norm(what it reads))).
 *
 * @param attentionNorm before attention
 * @param attentionOutNorm between W_O and the residual stream
 * @param mlpNorm before the MLP
 * @param mlpOutNorm between the MLP and the residual stream
 */
public record Block(
        Optional<Norm> attentionNorm,
        Attention attention,
        Optional<Norm> attentionOutNorm,
        MlpReads mlpReads,
        Optional<Norm> mlpNorm,
        Mlp mlp,
        Optional<Norm> mlpOutNorm) {}
