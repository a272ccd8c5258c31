package modelpatch.locate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import modelpatch.Numbers;
import modelpatch.model.HeadAddress;

/**
 * Where an edit should act, chosen from the ranking at the last token.
 *
 * @param windows humps of contiguous layers whose attention carries the effect together, strongest first; they do not overlap
 * @param layers all layers of the windows, ascending
 * @param heads the fewest heads, all clearly positive, that hold {@link #HEAD_SHARE} of the positive scores; strongest first
 * @param headShare the share of the positive scores that they hold
 * @param halfwayLayer l*: the layer by which half of the positive scores of single layers' attention has acted; empty where none is positive
 */
public record Sites(
        List<RankedLayer> windows,
        List<Integer> layers,
        List<String> heads,
        double headShare,
        Optional<Integer> halfwayLayer) {
    /** Heads are taken until they hold this share, or no further one is clearly positive. */
    public static final double HEAD_SHARE = 0.6;

    /** A further window must have this share of the first one's score. */
    public static final double FURTHER_WINDOW = 1 / 3.0;

    public Sites {
        windows = List.copyOf(windows);
        layers = List.copyOf(layers);
        heads = List.copyOf(heads);
    }

    /** The heads that were chosen. */
    public List<HeadAddress> addresses() {
        return heads.stream().map(HeadAddress::parse).toList();
    }

    static Sites of(Ranking ranking) {
        List<RankedLayer> windows = windows(ranking.layers().attentionWindows());
        TreeSet<Integer> layers = new TreeSet<>();
        windows.forEach(window -> {
            for (int layer = window.first(); layer <= window.last(); layer++) {
                layers.add(layer);
            }
        });
        double positive = ranking.heads().stream()
                .mapToDouble(RankedHead::score)
                .filter(score -> score > 0)
                .sum();
        List<String> heads = new ArrayList<>();
        double held = 0;
        for (RankedHead head : ranking.heads()) {
            if (held < HEAD_SHARE * positive && head.score() > 0 && head.clearlyPositive()) {
                heads.add(head.head());
                held += head.score();
            }
        }
        return new Sites(
                windows,
                List.copyOf(layers),
                heads,
                positive > 0 ? Numbers.rounded(held / positive) : 0,
                halfway(ranking.layers().attention()));
    }

    /**
     * The best window, and further ones that do not overlap, are clearly positive and not much weaker, up to half of the layers: an edit
     * of all layers always corrects, because the run becomes the guide's, and harms most.
     */
    private static List<RankedLayer> windows(List<RankedLayer> candidates) {
        int width =
                candidates.stream().mapToInt(one -> one.window().size()).max().orElse(0);
        List<RankedLayer> whole = candidates.stream()
                .filter(one -> one.window().size() == width && one.score() > 0)
                .sorted(Comparator.comparingDouble(RankedLayer::score)
                        .reversed()
                        .thenComparing(RankedLayer::layer))
                .toList();
        List<RankedLayer> chosen = new ArrayList<>();
        for (RankedLayer one : whole) {
            boolean fits = chosen.isEmpty()
                    || (2 * width * (chosen.size() + 1) <= candidates.size()
                            && one.clearlyPositive()
                            && one.score() >= FURTHER_WINDOW * chosen.get(0).score()
                            && chosen.stream()
                                    .noneMatch(other -> one.first() <= other.last() && other.first() <= one.last()));
            if (fits) {
                chosen.add(one);
            }
        }
        return chosen;
    }

    /** The first layer at which the positive scores, summed from below, reach half of their sum. */
    static Optional<Integer> halfway(List<RankedLayer> layers) {
        double all =
                layers.stream().mapToDouble(one -> Math.max(0, one.score())).sum();
        double sum = 0;
        for (RankedLayer one : layers) {
            sum += Math.max(0, one.score());
            if (all > 0 && sum >= all / 2) {
                return Optional.of(one.layer());
            }
        }
        return Optional.empty();
    }
}
