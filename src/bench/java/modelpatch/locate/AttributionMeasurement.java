package modelpatch.locate;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import modelpatch.SharedModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;

/**
 * How many of the ten heads of greatest exact effect attribution patching finds, and what it takes, on SmolLM2-135M. Argument: a
 * findings file of it. A case is the guide into the composition, both without demonstrations, read at the first token of the answer.
 */
public final class AttributionMeasurement {
    private static final int TOP = 10;

    private static final int CASES = 30;

    private AttributionMeasurement() {}

    public static void main(String[] arguments) {
        Findings findings = FindingsFile.read(Path.of(arguments[0]));
        try (LanguageModel model =
                LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults().withThreads(1))) {
            int all = model.config().nLayers() * model.config().nHeads();
            Parts exactParts = new Parts();
            Parts slopeParts = new Parts();
            int found = 0;
            int foundOfTwenty = 0;
            int cases = 0;
            List<FailureFinding> failures = findings.failures()
                    .subList(0, Math.min(CASES + 1, findings.failures().size()));
            for (FailureFinding failure : failures) {
                int[] clean = model.tokenizer().encode(failure.guide());
                int[] corrupted = model.tokenizer().encode(failure.prompt());
                int answer = model.tokenizer().encodeContinuation(" " + failure.answer())[0];
                double begun = seconds();
                RankDocument exact =
                        PromptRanking.of(model, clean, corrupted, answer, OptionalInt.empty(), Clock.systemUTC());
                double between = seconds();
                RankDocument screened =
                        PromptRanking.of(model, clean, corrupted, answer, OptionalInt.of(TOP), Clock.systemUTC());
                double end = seconds();
                RankDocument wider =
                        PromptRanking.of(model, clean, corrupted, answer, OptionalInt.of(2 * TOP), Clock.systemUTC());
                if (cases++ == 0) {
                    continue; // the first case warms up
                }
                double runs = runs(model, clean, corrupted);
                exactParts.add(between - begun, runs);
                slopeParts.add(end - between, runs);
                found += common(exact, screened);
                foundOfTwenty += common(exact, wider);
            }
            int counted = cases - 1;
            System.out.printf(
                    "%d cases, %d heads: of the exact top %d, attribution's top %d holds %d of %d, its top %d %d%n",
                    counted, all, TOP, TOP, found, counted * TOP, 2 * TOP, foundOfTwenty);
            System.out.printf("CPU s a case, exact: %s; attribution with %d tried: %s%n", exactParts, TOP, slopeParts);
        }
    }

    /** Seconds of whole rankings, and of those beside the two base runs that both ways need. */
    private static final class Parts {
        private final List<Double> whole = new ArrayList<>();
        private final List<Double> beside = new ArrayList<>();

        void add(double seconds, double runs) {
            whole.add(seconds);
            beside.add(seconds - runs);
        }

        @Override
        public String toString() {
            return String.format("median %.3f, of which %.3f beside the two base runs", median(whole), median(beside));
        }

        private static double median(List<Double> of) {
            return of.stream().sorted().toList().get(of.size() / 2);
        }
    }

    private static double runs(LanguageModel model, int[] clean, int[] corrupted) {
        double begun = seconds();
        model.record(new int[0], clean).close();
        model.record(new int[0], corrupted).close();
        return seconds() - begun;
    }

    private static int common(RankDocument exact, RankDocument screened) {
        Set<String> top = new HashSet<>();
        exact.heads().stream().limit(TOP).forEach(head -> top.add(head.head()));
        return (int) screened.heads().stream()
                .filter(head -> top.contains(head.head()))
                .count();
    }

    private static double seconds() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                        .getProcessCpuTime()
                / 1e9;
    }
}
