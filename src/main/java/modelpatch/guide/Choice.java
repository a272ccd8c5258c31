package modelpatch.guide;

import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.model.NextToken;

/** Which token is written. */
public sealed interface Choice {
    /** The id of the next token, of its logits [d_vocab]. */
    int of(float[] logits);

    /** The likeliest; of equal ones the lowest id. */
    record Greedy() implements Choice {
        @Override
        public int of(float[] logits) {
            return NextToken.argmax(logits);
        }
    }

    /**
     * One of the likeliest tokens that together have a probability of at least topP (Holtzman et al. 2020), drawn.
     *
     * @param temperature that logits are divided by
     * @param topP above 0, at most 1
     * @param random drawn from once for each token
     */
    record Sampled(double temperature, double topP, RandomGenerator random) implements Choice {
        public Sampled {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new BadInput(
                        "out of range",
                        "--temperature",
                        "a number above 0",
                        String.valueOf(temperature),
                        "0.6 is usual");
            }
            if (!(topP > 0 && topP <= 1)) {
                throw new BadInput("out of range", "--top-p", "in (0, 1]", String.valueOf(topP), "0.95 is usual");
            }
        }

        @Override
        public int of(float[] logits) {
            float[] cooled = new float[logits.length];
            for (int i = 0; i < logits.length; i++) {
                cooled[i] = (float) (logits[i] / temperature);
            }
            double[] log = NextToken.logSoftmax(cooled);
            List<Integer> order = IntStream.range(0, log.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer id) -> log[id]).reversed())
                    .toList();
            int kept = 0;
            double total = 0;
            while (kept < order.size() && total < topP) {
                total += Math.exp(log[order.get(kept++)]);
            }
            double drawn = random.nextDouble() * total;
            for (int i = 0; i < kept; i++) {
                drawn -= Math.exp(log[order.get(i)]);
                if (drawn < 0) {
                    return order.get(i);
                }
            }
            return order.get(kept - 1);
        }
    }
}
