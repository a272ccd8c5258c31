package modelpatch.locate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import modelpatch.model.HeadAddress;
import modelpatch.model.HeadAttribution;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.Readout;
import modelpatch.model.RecordedRun;

/** The use case {@code patch rank}: the effect of every attention head on one answer, exactly. */
public final class PromptRanking {
    private PromptRanking() {}

    /**
     * Puts every head's output before W_O at the last position of a clean run into a corrupted run, alone.
     *
     * @param clean ids of the prompt whose heads are taken
     * @param corrupted ids of the prompt that is patched into
     * @param answer the token whose logit is read
     * @param screened how many heads are tried, those of the greatest effect by {@link HeadAttribution}; empty for all, without attribution
     * @param clock for the seconds that are reported
     */
    public static RankDocument of(
            LanguageModel model, int[] clean, int[] corrupted, int answer, OptionalInt screened, Clock clock) {
        Instant start = clock.instant();
        int[] tokens = {answer};
        List<RecordedRun> both = model.record(new int[0], List.of(clean, corrupted));
        try (RecordedRun donor = both.get(0);
                RecordedRun recipient = both.get(1)) {
            double corruptedLogit = recipient.readout(tokens).logits()[0];
            Map<HeadAddress, OptionalDouble> heads = new LinkedHashMap<>();
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                for (int index = 0; index < model.config().nHeads(); index++) {
                    heads.put(new HeadAddress(layer, index), OptionalDouble.empty());
                }
            }
            if (screened.isPresent()) {
                heads = screened(
                        model, donor, recipient, answer, heads.keySet().stream().toList(), screened.getAsInt());
            }
            List<List<Intervention>> changes = new ArrayList<>();
            for (HeadAddress head : heads.keySet()) {
                changes.add(
                        List.of(Intervention.head(head, recipient.length() - 1, donor.z(head, donor.length() - 1))));
            }
            List<Readout> readouts = recipient.resume(recipient.length() - 1, changes, tokens, false);
            List<RankDocument.Head> ranked = new ArrayList<>();
            heads.forEach((head, attributed) -> {
                double patched = readouts.get(ranked.size()).logits()[0];
                ranked.add(new RankDocument.Head(
                        head.toString(), head.layer(), head.head(), patched, patched - corruptedLogit, attributed));
            });
            ranked.sort(Comparator.comparingDouble(RankDocument.Head::effect).reversed());
            double seconds = Duration.between(start, clock.instant()).toMillis() / 1e3;
            return new RankDocument(donor.readout(tokens).logits()[0], corruptedLogit, ranked, seconds);
        }
    }

    /** The heads of the greatest attributed effect, greatest first, with it. */
    private static Map<HeadAddress, OptionalDouble> screened(
            LanguageModel model,
            RecordedRun donor,
            RecordedRun recipient,
            int answer,
            List<HeadAddress> heads,
            int most) {
        HeadAttribution attribution = new HeadAttribution(model, recipient, recipient.length() - 1, answer);
        record Attributed(HeadAddress head, double effect) {}
        Map<HeadAddress, OptionalDouble> kept = new LinkedHashMap<>();
        heads.stream()
                .map(head -> new Attributed(head, attribution.effect(head, donor.z(head, donor.length() - 1))))
                .sorted(Comparator.comparingDouble(Attributed::effect).reversed())
                .limit(most)
                .forEach(one -> kept.put(one.head(), OptionalDouble.of(one.effect())));
        return kept;
    }
}
