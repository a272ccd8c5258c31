package modelpatch.edit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.evaluate.Progress;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;

/**
 * Second moments C = E[k k^T] of the inputs of linear maps, over every position of a text, in double. One pass over the text serves all
 * layers.
 */
public final class SecondMoments {
    private static final int SIDE_BY_SIDE = 16;
    /** Batches between two saves: what an interruption can cost. */
    private static final int SAVE_EVERY = 8;

    private SecondMoments() {}

    /**
     * Estimates, or reads what was estimated before.
     *
     * @param model runs the text; not changed
     * @param digest names the model with the patches on it, see {@link modelpatch.patch.PatchStack#digest}
     * @param kind {@link Site.Kind#Z} for W_O, {@link Site.Kind#MLP_HIDDEN} for the MLP's second matrix
     * @param layers blocks, in any order
     * @param text token sequences, each run by itself
     * @param cache read first; written now and then, and at the end
     * @param progress told how many sequences are done; may end the work by throwing, and the next call goes on from the last save
     * @return by layer
     * @throws BadInput when the text is empty or an activation is not finite
     */
    public static Map<Integer, SecondMoment> estimate(
            LanguageModel model,
            String digest,
            Site.Kind kind,
            List<Integer> layers,
            List<int[]> text,
            SecondMomentCache cache,
            Progress progress) {
        if (text.isEmpty()) {
            throw BadInput.of("second moment", "the text is empty; give some to estimate it from");
        }
        String textDigest = SecondMomentCache.digest(text);
        int size = size(model, kind);
        Map<Integer, SecondMomentCache.Partial> partials = new TreeMap<>();
        for (int layer : layers) {
            SecondMomentCache.Key key = new SecondMomentCache.Key(digest, textDigest, new Site(kind, layer));
            partials.put(
                    layer,
                    cache.read(key, size)
                            .orElseGet(() -> new SecondMomentCache.Partial(new SecondMomentEstimator(size), 0)));
        }
        int done = partials.values().stream()
                .mapToInt(SecondMomentCache.Partial::sequences)
                .min()
                .orElse(text.size());
        for (int batch = 1; done < text.size(); batch++) {
            progress.at(done, text.size());
            int end = Math.min(text.size(), done + SIDE_BY_SIDE);
            int from = done;
            Set<Integer> missing = partials.entrySet().stream()
                    .filter(entry -> entry.getValue().sequences() <= from)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
            add(model, kind, missing, text.subList(from, end), partials, end);
            done = end;
            if (batch % SAVE_EVERY == 0 || done == text.size()) {
                for (int layer : missing) {
                    cache.write(
                            new SecondMomentCache.Key(digest, textDigest, new Site(kind, layer)), partials.get(layer));
                }
            }
        }
        progress.at(done, text.size());
        Map<Integer, SecondMoment> moments = new TreeMap<>();
        partials.forEach((layer, partial) -> moments.put(layer, partial.sum().moment()));
        return moments;
    }

    /** d_in of the maps that read this kind of activation. */
    private static int size(LanguageModel model, Site.Kind kind) {
        return switch (kind) {
            case Z -> model.config().nHeads() * model.config().dHead();
            case MLP_HIDDEN -> model.config().dMlp();
            default -> throw new IllegalArgumentException(kind + " is no input of an edited map");
        };
    }

    private static void add(
            LanguageModel model,
            Site.Kind kind,
            Set<Integer> layers,
            List<int[]> sequences,
            Map<Integer, SecondMomentCache.Partial> partials,
            int end) {
        Set<Site> reads = layers.stream().map(layer -> new Site(kind, layer)).collect(Collectors.toSet());
        ActivationCache run = model.run(new int[0], sequences, reads, List.of(), false);
        for (int layer : layers) {
            SecondMomentEstimator sum = partials.get(layer).sum();
            for (int i = 0; i < sequences.size(); i++) {
                float[] keys = new float[sequences.get(i).length * sum.size()];
                for (int position = 0; position < sequences.get(i).length; position++) {
                    float[] key = run.at(i, new Site(kind, layer), position);
                    System.arraycopy(key, 0, keys, position * sum.size(), sum.size());
                }
                sum.add(keys);
            }
            partials.put(layer, new SecondMomentCache.Partial(sum, end));
        }
    }
}
