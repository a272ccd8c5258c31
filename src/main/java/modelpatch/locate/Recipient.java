package modelpatch.locate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.architecture.ModelConfig;
import modelpatch.model.HeadAddress;
import modelpatch.model.Intervention;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;
import modelpatch.model.Site;
import modelpatch.model.WhatIf;

/**
 * A run that activations are put into. Causal mediation: activations of a donor run replace its own, site by site, and what that does to the
 * answer is the site's indirect effect (Vig et al. 2020, arXiv 2004.12265; for compositions CREME, arXiv 2402.14328). Exact: every site is a
 * real run, resumed from the recorded one where it begins to differ.
 */
final class Recipient {
    private final ModelConfig config;
    private final RecordedRun run;
    private final int[] tokens;
    private final Readout before;
    private final int windowWidth;

    /**
     * A recorded run, and what is read of it.
     *
     * @param run the one that is changed; stays the caller's
     * @param answer token whose effect is wanted, read at its last position
     * @param contrast token that the answer is held against in the logit difference
     * @param windowWidth layers of a window
     */
    Recipient(ModelConfig config, RecordedRun run, int answer, int contrast, int windowWidth) {
        this.config = config;
        this.run = run;
        this.tokens = new int[] {answer, contrast};
        this.before = run.readout(tokens);
        this.windowWidth = windowWidth;
    }

    /** What the recipient says without any change: answer first, contrast second. */
    Readout before() {
        return before;
    }

    /** The total effect: what the donor run itself says, against the recipient. */
    Effect total(RecordedRun donor) {
        return Effect.between(before, donor.readout(tokens));
    }

    /**
     * The effect of every site.
     *
     * @param donor the run that activations come from; stays the caller's
     * @param from position in the donor
     * @param to position in the recipient
     */
    SiteEffects effects(RecordedRun donor, int from, int to) {
        WhatIf asked = every(to, List.of(new Source(donor, from)));
        return effects(run.resume(to, asked.sets(), tokens, true)).get(0);
    }

    /**
     * Where activations come from.
     *
     * @param position in the run
     */
    record Source(RecordedRun run, int position) {}

    /** Every site at a position, from every source: what to resume so that {@link #effects(List)} can tell their effects. */
    WhatIf every(int to, List<Source> sources) {
        List<List<Intervention>> sets = new ArrayList<>();
        for (Source source : sources) {
            for (HeadAddress head : heads()) {
                sets.add(List.of(Intervention.head(head, to, source.run().z(head, source.position()))));
            }
            for (LayerSite site : LayerSite.values()) {
                for (int layer = 0; layer < config.nLayers(); layer++) {
                    sets.add(restored(source, to, site.kind(), site.layers(layer, windowWidth, config.nLayers())));
                }
            }
        }
        return new WhatIf(run, to, sets, tokens);
    }

    /** The effects of every site, by source. */
    List<SiteEffects> effects(List<Readout> readouts) {
        int sites = config.nLayers() * (config.nHeads() + LayerSite.values().length);
        List<SiteEffects> bySource = new ArrayList<>();
        for (int from = 0; from < readouts.size(); from += sites) {
            bySource.add(sorted(readouts.subList(from, from + sites).stream()
                    .map(after -> Effect.between(before, after))
                    .toList()));
        }
        return bySource;
    }

    /** The effects of sets of interventions at one position, each set alone. */
    List<Effect> effects(int position, List<List<Intervention>> sets) {
        return run.resume(position, sets, tokens, true).stream()
                .map(after -> Effect.between(before, after))
                .toList();
    }

    private List<HeadAddress> heads() {
        return IntStream.range(0, config.nLayers())
                .boxed()
                .flatMap(layer -> IntStream.range(0, config.nHeads()).mapToObj(head -> new HeadAddress(layer, head)))
                .toList();
    }

    private static List<Intervention> restored(Source source, int to, Site.Kind kind, LayerWindow window) {
        return IntStream.rangeClosed(window.first(), window.last())
                .mapToObj(layer -> new Site(kind, layer))
                .map(site -> Intervention.replace(site, to, source.run().at(site, source.position())))
                .toList();
    }

    private SiteEffects sorted(List<Effect> effects) {
        int layers = config.nLayers();
        int heads = config.nHeads();
        List<List<Effect>> byHead = IntStream.range(0, layers)
                .mapToObj(layer -> effects.subList(layer * heads, (layer + 1) * heads))
                .toList();
        return new SiteEffects(byHead, ByLayerSite.of(site -> {
            int from = layers * heads + List.of(LayerSite.values()).indexOf(site) * layers;
            return List.copyOf(effects.subList(from, from + layers));
        }));
    }
}
