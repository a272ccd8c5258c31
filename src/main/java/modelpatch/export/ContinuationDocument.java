package modelpatch.export;

import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * How an ONNX model goes on with a prompt: the use case {@code patch run}.
 *
 * @param ids the prompt
 * @param tokensPerSecond counts the prompt's pass too
 */
public record ContinuationDocument(int[] ids, int[] generated, String text, double seconds, double tokensPerSecond) {
    private static final int[] NO_PREFIX = {};

    /**
     * Goes on greedily, until a token that ends a text.
     *
     * @param model stays the caller's
     * @param most new tokens
     * @param nanoseconds a clock for the seconds that are reported
     */
    public static ContinuationDocument of(OnnxModel model, String prompt, int most, LongSupplier nanoseconds) {
        int[] ids = model.tokenizer().encode(prompt);
        Set<Integer> ends = model.endTokens();
        long start = nanoseconds.getAsLong();
        int[] made = model.generate(NO_PREFIX, List.of(ids), most, soFar -> ends.contains(soFar[soFar.length - 1]))
                .get(0);
        double seconds = (nanoseconds.getAsLong() - start) / 1e9;
        return new ContinuationDocument(ids, made, model.tokenizer().decode(made), seconds, made.length / seconds);
    }
}
