package modelpatch.locate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensReading;
import modelpatch.model.Site;

/** Reads the residual stream of a composition after every block through the unembedding. */
final class Lens {
    private final LanguageModel model;
    private final Set<Site> sites = new LinkedHashSet<>();

    Lens(LanguageModel model) {
        this.model = model;
        for (int layer = 0; layer < model.config().nLayers(); layer++) {
            sites.add(new Site(Site.Kind.RESIDUAL_POST, layer));
        }
    }

    /** Bridge and answer of one composition, whose prompt both readings continue. */
    CaseLens read(EntityReading bridge, EntityReading answer) {
        boolean same = Arrays.equals(bridge.sequence(), answer.sequence());
        List<float[]> rows = new ArrayList<>();
        ActivationCache first = run(bridge);
        addRows(rows, first, bridge.phraseEnd());
        addRows(rows, first, bridge.last());
        if (!same) {
            addRows(rows, run(answer), answer.last());
        }
        int layers = sites.size();
        int[] tokens = {bridge.id(), answer.id()};
        LensReading normed = model.lens(rows, tokens, true);
        LensReading raw = model.lens(rows, tokens, false);
        int answerRow = same ? layers : 2 * layers;
        return new CaseLens(
                bridge.token(),
                answer.token(),
                view(normed, raw, 0, 0),
                view(normed, raw, 0, 1),
                view(normed, raw, layers, 0),
                view(normed, raw, answerRow, 1));
    }

    /** The best rank that each of some tokens reaches after any block at the end of the phrase, {@code [token]}. */
    int[] bestRanksAtPhraseEnd(EntityReading composition, int[] tokens) {
        List<float[]> rows = new ArrayList<>();
        addRows(rows, run(composition), composition.phraseEnd());
        int[][] ranks = model.lens(rows, tokens, true).ranks();
        int[] best = ranks[0].clone();
        for (int[] layer : ranks) {
            for (int i = 0; i < best.length; i++) {
                best[i] = Math.min(best[i], layer[i]);
            }
        }
        return best;
    }

    private ActivationCache run(EntityReading reading) {
        return model.run(reading.prefix(), List.of(reading.sequence()), sites, List.of(), false);
    }

    private void addRows(List<float[]> rows, ActivationCache cache, int position) {
        for (Site site : sites) {
            rows.add(cache.at(0, site, position));
        }
    }

    private LensView view(LensReading normed, LensReading raw, int firstRow, int token) {
        int layers = sites.size();
        return new LensView(LensCurve.of(normed, firstRow, layers, token), LensCurve.of(raw, firstRow, layers, token));
    }
}
