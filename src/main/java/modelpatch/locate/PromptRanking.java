package modelpatch.locate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import modelpatch.model.HeadAddress;
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
     * @param clock for the seconds that are reported
     */
    public static RankDocument of(LanguageModel model, int[] clean, int[] corrupted, int answer, Clock clock) {
        Instant start = clock.instant();
        int[] tokens = {answer};
        try (RecordedRun donor = model.record(new int[0], clean);
                RecordedRun recipient = model.record(new int[0], corrupted)) {
            double corruptedLogit = recipient.readout(tokens).logits()[0];
            List<HeadAddress> heads = new ArrayList<>();
            List<List<Intervention>> changes = new ArrayList<>();
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                for (int index = 0; index < model.config().nHeads(); index++) {
                    HeadAddress head = new HeadAddress(layer, index);
                    heads.add(head);
                    changes.add(List.of(
                            Intervention.head(head, recipient.length() - 1, donor.z(head, donor.length() - 1))));
                }
            }
            List<Readout> readouts = recipient.resume(recipient.length() - 1, changes, tokens, false);
            List<RankDocument.Head> ranked = new ArrayList<>();
            for (int i = 0; i < heads.size(); i++) {
                double patched = readouts.get(i).logits()[0];
                HeadAddress head = heads.get(i);
                ranked.add(new RankDocument.Head(
                        head.toString(), head.layer(), head.head(), patched, patched - corruptedLogit));
            }
            ranked.sort(Comparator.comparingDouble(RankDocument.Head::effect).reversed());
            double seconds = Duration.between(start, clock.instant()).toMillis() / 1e3;
            return new RankDocument(donor.readout(tokens).logits()[0], corruptedLogit, ranked, seconds);
        }
    }
}
