package modelpatch.locate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import modelpatch.Numbers;
import modelpatch.model.LensReading;

/**
 * One token in the logit lens, layer by layer: entry l is the residual stream after block l.
 *
 * @param ranks 1 + how many tokens have a greater logit, {@code [layer]}
 * @param probabilities {@code [layer]}
 * @param logits {@code [layer]}
 */
public record LensCurve(List<Integer> ranks, List<Double> probabilities, List<Double> logits) {
    public LensCurve {
        ranks = List.copyOf(ranks);
        probabilities = List.copyOf(probabilities);
        logits = List.copyOf(logits);
    }

    /**
     * The curve of one token.
     *
     * @param reading one row per layer from {@code firstRow} on
     * @param token index of the token in the reading
     */
    static LensCurve of(LensReading reading, int firstRow, int layers, int token) {
        List<Integer> ranks = new ArrayList<>();
        List<Double> probabilities = new ArrayList<>();
        List<Double> logits = new ArrayList<>();
        for (int row = firstRow; row < firstRow + layers; row++) {
            ranks.add(reading.ranks()[row][token]);
            probabilities.add(Numbers.rounded(reading.probability(row, token)));
            logits.add(Numbers.rounded(reading.logits()[row][token]));
        }
        return new LensCurve(ranks, probabilities, logits);
    }

    /** The best rank of all layers. */
    int bestRank() {
        return ranks.stream().mapToInt(Integer::intValue).min().orElseThrow();
    }

    /** The first layer after which the token's rank is {@code k} or better. */
    Optional<Integer> firstWithin(int k) {
        return IntStream.range(0, ranks.size())
                .filter(layer -> ranks.get(layer) <= k)
                .boxed()
                .findFirst();
    }
}
