package modelpatch.locate;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.SharedModel;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.FewShotPool;
import modelpatch.cases.Relations;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteRecipe;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;

/**
 * Not a test: the whole of finding on the real development model, with the processor seconds of each part. Arguments: the most cases
 * (0 for all), the most mediated ones per side (0 for all), a file for the findings.
 */
public final class FindMeasurement {
    private static final long SEED = 0;

    private FindMeasurement() {}

    public static void main(String[] arguments) {
        int most = Integer.parseInt(arguments[0]);
        int mediated = Integer.parseInt(arguments[1]);
        Path file = Path.of(arguments[2]);
        Path relationsFile = Path.of("eval", "relations.yaml");
        EntityNames names = EntityNames.beside(relationsFile);
        Background background = new Background(
                FactTable.read(Path.of("src/test/resources/facts/wikidata-facts.tsv")),
                Relations.read(relationsFile),
                names);
        CaseSuite suite =
                CaseSuite.compose(background.facts(), background.relations(), names, SuiteRecipe.twoHops(SEED));
        List<String> ids = SeededOrder.some(suite.cases(), most, SEED, "most cases", one -> one.id()).stream()
                .map(one -> one.id())
                .toList();
        CaseSuite taken = suite.only(one -> ids.contains(one.id()));
        FewShot fewShot =
                FewShotPool.read(Path.of("eval", "few-shot.yaml")).get(0).usual();
        Protocol protocol = Protocol.generated(fewShot);
        say("%d cases, %s", taken.cases().size(), protocol);
        try (LanguageModel model = LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults())) {
            Duration loaded = processorTime();
            say("loaded after %.1f CPU s", seconds(loaded));
            Find.Options options = new Find.Options(
                    KnownRule.PRIMARY,
                    true,
                    0,
                    Optional.empty(),
                    LocateOptions.defaults(SEED).withMostMediated(mediated));
            FindDocument found = new Find(
                            model,
                            new Questions(AskedSuite.of(taken, background), protocol),
                            options,
                            Clock.systemUTC())
                    .run(FindMeasurement::told);
            say(
                    "evaluation %s, capped %s",
                    found.evaluation().counts(), found.evaluation().capped());
            Findings findings = found.findings();
            say("found in %.1f CPU s", seconds(processorTime().minus(loaded)));
            FindingsFile.write(file, findings);
            print(findings);
        }
    }

    /** Says every so often how far a part of the work has come. */
    private static Onlooker.Part told(String part) {
        return new Onlooker.Part() {
            @Override
            public void at(int done, int total) {
                if (done % 20 == 0) {
                    say("  %s %d of %d, %.1f CPU s", part, done, total, seconds(processorTime()));
                }
            }

            @Override
            public void close() {}
        };
    }

    private static void print(Findings findings) {
        say("lens %s", findings.lens());
        findings.heads().stream().limit(12).forEach(head -> say("  %s", head));
        findings.phraseEnd()
                .ifPresent(ranking -> ranking.heads().stream().limit(6).forEach(head -> say("  phrase end %s", head)));
        findings.last().layers().attention().forEach(layer -> say("  attention %s", layer));
        findings.last().layers().attentionWindows().forEach(layer -> say("  window %s", layer));
        say("sites %s", findings.sites());
        for (Map.Entry<String, Integer> one : findings.diagnoses().entrySet()) {
            say("  %-25s %d", one.getKey(), one.getValue());
        }
        say("wrong answers %s", findings.wrongAnswers());
        say("seconds %s", findings.seconds());
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private static void say(String format, Object... arguments) {
        System.out.println(String.format(java.util.Locale.ROOT, format, arguments));
    }
}
