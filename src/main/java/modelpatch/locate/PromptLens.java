package modelpatch.locate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;

/** The use case {@code patch lens}: the residual stream of one run after every block, read through the unembedding. */
public final class PromptLens {
    private PromptLens() {}

    /**
     * Reads answers out of every layer.
     *
     * @param ids the prompt
     * @param position to read at, from 0; negative from the end
     * @param targets tokens to look for
     * @param normed through the final norm, as the model itself does; otherwise raw, as some published code
     * @param tuned translates what is read; empty for the residual stream as it is
     * @throws BadInput where the prompt has no such position
     */
    public static LensDocument read(
            LanguageModel model, int[] ids, int position, int[] targets, boolean normed, Optional<TunedLens> tuned) {
        int at = position(position, ids.length);
        List<Site> sites = IntStream.range(0, model.config().nLayers())
                .mapToObj(layer -> new Site(Site.Kind.RESIDUAL_POST, layer))
                .toList();
        Set<Site> reads = new LinkedHashSet<>(sites);
        ActivationCache run = model.run(new int[0], List.of(ids), reads, List.of(), false);
        List<float[]> residuals = new ArrayList<>();
        for (Site site : sites) {
            float[] row = run.at(0, site, at);
            residuals.add(tuned.map(lens -> lens.translated(site.layer(), row)).orElse(row));
        }
        LensReading reading = model.lens(residuals, targets, normed);
        List<LensDocument.Layer> layers = IntStream.range(0, sites.size())
                .mapToObj(layer -> new LensDocument.Layer(layer, targets(reading, layer, targets)))
                .toList();
        return new LensDocument(ids, layers, at, reading.top(), null);
    }

    /**
     * The same, and what becomes of the second target, the answer, where the first, the implicit result, is suppressed.
     *
     * @param seed draws the tokens that are suppressed for comparison
     * @throws BadInput where there are not two targets, or the model's unembedding does not allow it
     */
    public static LensDocument intervene(
            LanguageModel model, int[] ids, int position, int[] targets, boolean normed, long seed) {
        if (targets.length != 2) {
            throw new BadInput(
                    "what to suppress",
                    "--intervene",
                    "two targets, the implicit result and the answer",
                    String.valueOf(targets.length),
                    "give --targets \"France|Paris\"");
        }
        LensDocument read = read(model, ids, position, targets, normed, Optional.empty());
        Suppression suppression = Suppression.of(model, ids, read.position(), targets[0], targets[1], seed);
        return new LensDocument(read.ids(), read.layers(), read.position(), read.top(), suppression);
    }

    private static int position(int position, int length) {
        int at = position < 0 ? length + position : position;
        if (at < 0 || at >= length) {
            throw new BadInput(
                    "no such position",
                    "--position",
                    -length + " to " + (length - 1),
                    String.valueOf(position),
                    "the prompt has " + length + " tokens");
        }
        return at;
    }

    private static List<LensDocument.Target> targets(LensReading reading, int layer, int[] targets) {
        return IntStream.range(0, targets.length)
                .mapToObj(i -> new LensDocument.Target(
                        targets[i],
                        reading.logits()[layer][i],
                        reading.probability(layer, i),
                        reading.ranks()[layer][i]))
                .toList();
    }
}
