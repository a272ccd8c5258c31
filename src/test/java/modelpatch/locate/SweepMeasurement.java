package modelpatch.locate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import modelpatch.SharedModel;
import modelpatch.model.HeadAddress;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.RecordedRun;

/**
 * Not a test: processor seconds of one case of the real development model, a composition of 15 tokens against its guide. Argument: the
 * engine's threads.
 */
public final class SweepMeasurement {
    private SweepMeasurement() {}

    public static void main(String[] arguments) {
        LoadOptions options = LoadOptions.defaults().withThreads(Integer.parseInt(arguments[0]));
        try (LanguageModel model = LanguageModel.open(SharedModel.smolLm2(), options)) {
            int[] none = {};
            int[] guide = model.tokenizer().encode("The capital of France is");
            int[] composition =
                    model.tokenizer().encode("The capital of the country that Henri Lefebvre is a citizen of is");
            int answer = model.tokenizer().encodeContinuation(" Paris")[0];
            int contrast = model.tokenizer().encodeContinuation(" Rome")[0];
            for (int round = 0; round < 3; round++) {
                Duration start = processorTime();
                try (RecordedRun donor = model.record(none, guide);
                        RecordedRun recipient = model.record(none, composition)) {
                    Duration recorded = processorTime();
                    Mediation mediation = new Mediation(model.config(), recipient, answer, contrast, 5);
                    int to = composition.length - 1;
                    List<List<Intervention>> sets = new ArrayList<>();
                    for (int layer = 0; layer < model.config().nLayers(); layer++) {
                        for (int head = 0; head < model.config().nHeads(); head++) {
                            HeadAddress address = new HeadAddress(layer, head);
                            sets.add(List.of(
                                    Intervention.head(address, to, donor.z(address, guide.length - 1))));
                        }
                    }
                    recipient.resume(to, sets, new int[] {answer, contrast}, false);
                    Duration logits = processorTime();
                    mediation.effects(to, sets);
                    Duration probabilities = processorTime();
                    mediation.effects(donor, guide.length - 1, to);
                    Duration last = processorTime();
                    mediation.effects(donor, guide.length - 2, to - 1);
                    Duration phraseEnd = processorTime();
                    System.out.printf(
                            Locale.ROOT,
                            "%d tokens: two runs %.2f, %d heads' logits %.2f, with probabilities %.2f; all sites at the last token"
                                    + " %.2f, one token before %.2f CPU s%n",
                            composition.length,
                            seconds(start, recorded),
                            sets.size(),
                            seconds(recorded, logits),
                            seconds(logits, probabilities),
                            seconds(probabilities, last),
                            seconds(last, phraseEnd));
                }
            }
        }
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static double seconds(Duration from, Duration to) {
        return to.minus(from).toMillis() / 1e3;
    }
}
