package modelpatch.guide;

import java.util.OptionalDouble;
import modelpatch.BadInput;
import modelpatch.model.NextToken;

/**
 * How strongly the guider pulls at each generated token: alpha_t.
 *
 * @param alpha once it pulls; negative pushes away
 * @param warmUp generated tokens that come first without any pull
 * @param gate the least entropy of the target's next token, in nats, at which it pulls; empty for always
 */
public record Strength(double alpha, int warmUp, OptionalDouble gate) {
    /** @throws BadInput where alpha is no number, or the others are negative */
    public Strength {
        if (!Double.isFinite(alpha)) {
            throw new BadInput(
                    "alpha is no number", "--alpha", "a number such as 1", String.valueOf(alpha), "1 is usual");
        }
        if (warmUp < 0) {
            throw new BadInput("out of range", "--warm-up", "0 or more", String.valueOf(warmUp), "0 is usual");
        }
        if (gate.isPresent() && !(gate.getAsDouble() >= 0)) {
            throw new BadInput(
                    "out of range", "--gate", "0 nats or more", String.valueOf(gate.getAsDouble()), "leave it out");
        }
    }

    /** The same pull at every token. */
    public static Strength constant(double alpha) {
        return new Strength(alpha, 0, OptionalDouble.empty());
    }

    /**
     * alpha_t.
     *
     * @param generated how many tokens were generated before
     * @param target the target's logits of the next token, [d_vocab]; not modified
     */
    double at(int generated, float[] target) {
        boolean sure = gate.isPresent() && entropy(target) < gate.getAsDouble();
        return generated < warmUp || sure ? 0 : alpha;
    }

    /** Entropy of the distribution that logits stand for, in nats. */
    static double entropy(float[] logits) {
        double total = NextToken.logSumExp(logits);
        double sum = 0;
        for (float logit : logits) {
            double log = logit - total;
            sum -= Math.exp(log) * log;
        }
        return sum;
    }
}
