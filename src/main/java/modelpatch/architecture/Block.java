package modelpatch.architecture;

import java.util.Optional;
import modelpatch.family.Switches.MlpReads;

/**
 * One block: mid = x + scale * norm(attention(norm(x))), then mid + scale * norm(mlp(norm(what it reads))).
 *
 * @param attentionNorm before attention
 * @param attentionOutNorm between W_O and the residual stream
 * @param mlpNorm before the MLP
 * @param mlpOutNorm between the MLP and the residual stream
 * @param residualScale by what attention and MLP are multiplied before they join the residual stream; empty for none
 */
public record Block(
        Optional<Norm> attentionNorm,
        Attention attention,
        Optional<Norm> attentionOutNorm,
        MlpReads mlpReads,
        Optional<Norm> mlpNorm,
        Mlp mlp,
        Optional<Norm> mlpOutNorm,
        Optional<Double> residualScale) {}
