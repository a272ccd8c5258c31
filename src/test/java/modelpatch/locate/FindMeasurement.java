package modelpatch.locate;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import modelpatch.SharedModel;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.Relations;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteRecipe;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Evaluator;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Rivals;
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
        FewShot fewShot = FewShot.read(Path.of("eval", "few-shot.yaml")).get(0);
        Protocol protocol = Protocol.generated(fewShot);
        say("%d cases, %s", taken.cases().size(), protocol);
        try (LanguageModel model = LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults())) {
            Duration loaded = processorTime();
            say("loaded after %.1f CPU s", seconds(loaded));
            Evaluation evaluation = Evaluation.of(
                            protocol,
                            new Evaluator(
                                            new Examiner(model, protocol, Examiner.DEFAULT_BATCH),
                                            KnownRule.PRIMARY,
                                            false,
                                            Rivals.none())
                                    .evaluate(taken.cases(), one -> {}, (done, all) -> {
                                        if (done % 512 == 0) {
                                            say("  questions %d of %d", done, all);
                                        }
                                    }),
                            true,
                            new ClusterBootstrap(2000, SEED))
                    .capped(
                            taken.capped(0.1, SEED).cases().stream()
                                    .map(one -> one.id())
                                    .collect(java.util.stream.Collectors.toSet()),
                            new ClusterBootstrap(2000, SEED));
            Duration evaluated = processorTime();
            say("evaluated in %.1f CPU s: %s", seconds(evaluated.minus(loaded)), evaluation.counts());
            say("capped: %s", evaluation.capped());
            Finder finder = new Finder(
                    model,
                    background,
                    taken,
                    protocol,
                    evaluation,
                    LocateOptions.defaults(SEED).withMostMediated(mediated),
                    Clock.systemUTC());
            finder.run((done, all) -> {
                if (done % 20 == 0) {
                    say(
                            "  cases %d of %d, %.1f CPU s",
                            done, all, seconds(processorTime().minus(evaluated)));
                }
            });
            Findings findings = finder.findings();
            say("found in %.1f CPU s", seconds(processorTime().minus(evaluated)));
            FindingsFile.write(file, findings);
            print(findings);
        }
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
