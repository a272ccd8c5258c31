package modelpatch.edit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.edit.SecondMomentCache.Partial;
import modelpatch.evaluate.Progress;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.NullSpace;
import modelpatch.solve.SecondMoment;
import modelpatch.solve.SecondMomentEstimator;

/**
 * Second moments C = E[k k^T] of the inputs of linear maps over every position of a text, in double. One pass over the text serves all layers
 * that are asked for together; what was computed before is read from a cache, and an interrupted pass goes on from its last save.
 */
public final class SecondMoments {
    private static final int SIDE_BY_SIDE = 16;
    /** Batches between two saves: what an interruption can cost. */
    private static final int SAVE_EVERY = 8;

    private final LanguageModel model;
    private final String modelDigest;
    private final Site.Kind kind;
    private final int[] prefix;
    private final List<int[]> text;
    private final String textDigest;
    private final SecondMomentCache cache;
    private final Map<Integer, SecondMoment> known = new HashMap<>();
    private final Map<List<Object>, NullSpace> free = new HashMap<>();

    /**
     * The moments of a model on a text; nothing is computed yet.
     *
     * @param model runs the text; not changed
     * @param modelDigest names the model with the patches on it, see {@link modelpatch.patch.PatchStack#digest}
     * @param kind {@link Site.Kind#Z} for W_O, {@link Site.Kind#MLP_HIDDEN} for the MLP's second matrix
     * @param prefix tokens before every sequence, which are not counted
     * @param text token sequences, each run by itself
     * @throws BadInput when the text is empty
     */
    public SecondMoments(
            LanguageModel model,
            String modelDigest,
            Site.Kind kind,
            int[] prefix,
            List<int[]> text,
            SecondMomentCache cache) {
        if (text.isEmpty()) {
            throw BadInput.of("second moment", "the text is empty; give some to estimate it from");
        }
        this.model = model;
        this.modelDigest = modelDigest;
        this.kind = kind;
        this.prefix = prefix.clone();
        this.text = List.copyOf(text);
        this.textDigest = SecondMomentCache.digest(prefix, text);
        this.cache = cache;
    }

    /** Names the text, with its digest. */
    public String text() {
        return text.size() + " sequences (" + textDigest.substring(0, 16) + ")";
    }

    /**
     * The moment of a layer, computed where it is not there yet.
     *
     * @throws BadInput when an activation is not finite
     */
    public SecondMoment at(int layer) {
        prepare(Set.of(layer), Progress.UNWATCHED);
        return known.get(layer);
    }

    /** What the moment of a layer leaves free; remembered, as eigenvectors take their time. */
    NullSpace nullSpace(int layer, double below) {
        return free.computeIfAbsent(List.of(layer, below), one -> NullSpace.of(at(layer), below));
    }

    /**
     * Makes sure that the moments of some layers are there.
     *
     * @param progress told how many sequences are done; may end the work by throwing, and the next call goes on from the last save
     * @throws BadInput when an activation is not finite
     */
    public void prepare(Set<Integer> layers, Progress progress) {
        Map<Integer, Partial> partials = new TreeMap<>();
        for (int layer : layers) {
            if (!known.containsKey(layer)) {
                partials.put(layer, start(layer));
            }
        }
        int done = partials.values().stream().mapToInt(Partial::sequences).min().orElse(text.size());
        for (int batch = 1; done < text.size(); batch++) {
            progress.at(done, text.size());
            int from = done;
            int end = Math.min(text.size(), done + SIDE_BY_SIDE);
            Set<Integer> behind = partials.keySet().stream()
                    .filter(layer -> partials.get(layer).sequences() <= from)
                    .collect(Collectors.toCollection(TreeSet::new));
            add(behind, from, end, partials);
            done = end;
            if (batch % SAVE_EVERY == 0 || done == text.size()) {
                behind.forEach(layer -> cache.write(key(layer), partials.get(layer)));
            }
        }
        progress.at(done, text.size());
        partials.forEach((layer, partial) -> known.put(layer, partial.sum().moment()));
    }

    private Partial start(int layer) {
        return cache.read(key(layer), size()).orElseGet(() -> new Partial(new SecondMomentEstimator(size()), 0));
    }

    private SecondMomentCache.Key key(int layer) {
        return new SecondMomentCache.Key(modelDigest, textDigest, new Site(kind, layer));
    }

    /** d_in of the maps that read this kind of activation. */
    private int size() {
        return switch (kind) {
            case Z -> model.config().nHeads() * model.config().dHead();
            case MLP_HIDDEN -> model.config().dMlp();
            default -> throw new IllegalArgumentException(kind + " is no input of an edited map");
        };
    }

    private void add(Set<Integer> layers, int from, int end, Map<Integer, Partial> partials) {
        List<int[]> sequences = new ArrayList<>(text.subList(from, end));
        Set<Site> reads = layers.stream().map(layer -> new Site(kind, layer)).collect(Collectors.toSet());
        ActivationCache run = model.run(prefix, sequences, reads, List.of(), false);
        for (int layer : layers) {
            SecondMomentEstimator sum = partials.get(layer).sum();
            for (int i = 0; i < sequences.size(); i++) {
                float[] keys = new float[sequences.get(i).length * size()];
                float[][] rows = run.all(i, new Site(kind, layer));
                for (int position = 0; position < rows.length; position++) {
                    System.arraycopy(rows[position], 0, keys, position * size(), size());
                }
                sum.add(keys);
            }
            partials.put(layer, new Partial(sum, end));
        }
    }
}
