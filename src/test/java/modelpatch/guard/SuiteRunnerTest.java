package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.ScriptedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** What becomes of a suite, on a model whose every word is written down. */
class SuiteRunnerTest {
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private static final BaseReading READING = reading("c", "t");
    private static final Drift DRIFT = new Drift("prompts", 10, 0.2, 0.05, 8, 8.4);

    @TempDir
    Path folder;

    private final Map<String, Double> limits = new LinkedHashMap<>();
    private boolean mayBeUndecided;

    private static GuardedCase guarded(String id, String prompt, String answer) {
        return new GuardedCase(id, prompt, List.of(answer), Optional.of("Paris"));
    }

    /** Knows where Ann and Bob live and what the river is called; Cid's home hangs on rounding. */
    private static ScriptedModel model() {
        return new ScriptedModel(text -> text.endsWith("river is") ? "Tiber ." : "Rome .")
                .after("lives", "Rome", 3)
                .after("lives", "Oslo", 3 - 1e-4)
                .after("Rome", ".", 5)
                .after("Oslo", ".", 5);
    }

    private RegressionSuite suite(double mayFail, GuardedCase... homes) {
        return suite(mayFail, List.of(homes));
    }

    private RegressionSuite suite(double mayFail, List<GuardedCase> homes) {
        RegressionSuite suite = unwritten(mayFail, homes);
        suite.write();
        return RegressionSuite.read(suite.file());
    }

    private RegressionSuite unwritten(double mayFail, List<GuardedCase> homes) {
        return new RegressionSuite(
                folder.resolve("homes.yaml"),
                "",
                "homes",
                "test",
                Optional.empty(),
                new Protocol(Protocol.Kind.GENERATED, FewShot.none(Form.CLOZE), 4),
                1,
                Optional.of(new RegressionSuite.DriftText(Optional.empty(), List.of("a b"))),
                limits,
                mayBeUndecided,
                List.of(
                        new GuardedSet("homes", GuardedSet.Must.CHANGE, mayFail, homes),
                        new GuardedSet(
                                "rivers",
                                GuardedSet.Must.STAY,
                                0,
                                List.of(guarded("tiber", "The river is", "Tiber")))));
    }

    private GuardTarget target(String digest, BaseReading reading, Optional<Drift> drift) {
        return new GuardTarget("scripted", digest, Optional.of(reading), List.of(), 5_000_000, model(), text -> drift);
    }

    private SuiteResult run(RegressionSuite suite) {
        return new SuiteRunner(CLOCK, Progress.UNWATCHED).run(suite, target("d1", READING, Optional.of(DRIFT)));
    }

    private static BaseReading reading(String computation, String tokenizer) {
        return new BaseReading(1, Optional.of(computation), Optional.of(tokenizer));
    }

    @Test
    void anotherTokenizerOrConfigurationThanTheAcceptedOneIsNamedAndBreaksWhereTheTensorsAreTheSame() {
        RegressionSuite suite = suite(0, guarded("ann", "Ann lives", "Rome"));
        Baseline.of(run(suite), "engine 1", "now").write(suite.baselineFile());
        SuiteRunner runner = new SuiteRunner(CLOCK, Progress.UNWATCHED);
        assertThat(runner.run(suite, target("d1", reading("c", "other"), Optional.of(DRIFT)))
                        .broken())
                .containsExactly("tokenizer");
        assertThat(runner.run(suite, target("d1", reading("other", "t"), Optional.of(DRIFT)))
                        .broken())
                .containsExactly("configuration");
        SuiteResult anotherModel = runner.run(suite, target("d2", reading("c", "other"), Optional.of(DRIFT)));
        assertThat(anotherModel.passed()).isTrue();
        assertThat(anotherModel.checks())
                .filteredOn(check -> check.name().equals("tokenizer"))
                .singleElement()
                .satisfies(check -> assertThat(check.message()).contains("tokenizer.json", "as the tensors are"));
        assertThat(Baseline.of(run(suite), "e", "t").differences(Baseline.of(anotherModel, "e", "t")))
                .anySatisfy(line -> assertThat(line).startsWith("tokenizer: "));
    }

    @Test
    void aSuiteOfRightAnswersPasses() {
        SuiteResult result = run(suite(0, guarded("ann", "Ann lives", "Rome")));
        assertThat(result.passed()).isTrue();
        assertThat(result.broken()).isEmpty();
        assertThat(result.sets()).extracting(SetResult::holds).containsExactly(1, 1);
        assertThat(result.baseline()).isEqualTo(SuiteResult.BaselineState.NONE);
    }

    @Test
    void aWrongAnswerIsNamedWithPromptExpectedFoundAndBefore() {
        SuiteResult result = run(suite(0, guarded("ann", "Ann lives", "Rome"), guarded("bob", "Bob lives", "Lima")));
        assertThat(result.passed()).isFalse();
        assertThat(result.broken()).containsExactly("must_change/homes: bob");
        assertThat(result.failing().get(0).message())
                .isEqualTo("prompt:   Bob lives\nexpected: Lima\nfound:    Rome\nbefore:   Paris");
    }

    /** A baseline in which the first case was right with a lead. */
    private void baseline(RegressionSuite suite, CaseResult.Outcome outcome, Optional<Double> lead) {
        Baseline now = Baseline.of(run(suite), "engine 1", "now");
        Map<String, Map<String, Baseline.Answer>> answers = new LinkedHashMap<>(now.answers());
        answers.put("must_change/homes", Map.of("cid", new Baseline.Answer("Oslo", outcome, lead)));
        new Baseline(
                        now.format(),
                        now.suiteDigest(),
                        now.model(),
                        now.modelDigest(),
                        now.reading(),
                        now.patches(),
                        now.protocol(),
                        now.engine(),
                        now.time(),
                        now.drift(),
                        now.seconds(),
                        now.modelBytes(),
                        answers)
                .write(suite.baselineFile());
    }

    @Test
    void aTieExcusesWhatHeldInTheBaselineByAsLittle() {
        RegressionSuite suite = suite(0, guarded("cid", "Cid lives", "Oslo"));
        baseline(suite, CaseResult.Outcome.HOLDS, Optional.of(0.5));
        SuiteResult result = run(suite);
        assertThat(result.passed()).isTrue();
        assertThat(result.cases().get(0).outcome()).isEqualTo(CaseResult.Outcome.TIED);
        assertThat(result.sets().get(0))
                .as("a tie does not hold, and does not fail")
                .satisfies(set -> {
                    assertThat(set.tied()).isEqualTo(1);
                    assertThat(set.holds()).isZero();
                    assertThat(set.fails()).isZero();
                });
        assertThat(result.cases().get(0).margin().orElseThrow()).isLessThan(1);
    }

    /** A model whose weights are all zero is tied everywhere. */
    @Test
    void aTieExcusesNothingElse() {
        RegressionSuite suite = suite(0, guarded("cid", "Cid lives", "Oslo"));
        assertThat(run(suite).broken()).as("without a baseline").containsExactly("must_change/homes: cid");
        baseline(suite, CaseResult.Outcome.HOLDS, Optional.of(7.0));
        assertThat(run(suite).broken()).as("it was certain").containsExactly("must_change/homes: cid");
        baseline(suite, CaseResult.Outcome.HOLDS, Optional.empty());
        assertThat(run(suite).broken()).as("nobody knows how certain it was").hasSize(1);
        baseline(suite, CaseResult.Outcome.FAILS, Optional.of(0.5));
        assertThat(run(suite).broken()).as("it was wrong before").hasSize(1);
    }

    @Test
    void whatABaselineKeepsIsTheLeadOfEveryAnswer() {
        GuardTarget target = target("d1", READING, Optional.of(DRIFT));
        SuiteResult result = new SuiteRunner(CLOCK, Progress.UNWATCHED)
                .measured(suite(0, guarded("ann", "Ann lives", "Rome")), target);
        assertThat(Baseline.of(result, "e", "t")
                        .answers()
                        .get("must_change/homes")
                        .get("ann")
                        .margin())
                .hasValueSatisfying(lead -> assertThat(lead).isLessThan(1));
    }

    @Test
    void aLimitThatCannotBeMeasuredIsUndecidedUnlessTheSuiteAllowsIt() {
        limits.put("drift_kl_max", 0.1);
        GuardTarget baseless = new GuardTarget(
                "scripted", "d1", Optional.of(READING), List.of(), 5_000_000, model(), text -> Optional.empty());
        SuiteRunner runner = new SuiteRunner(CLOCK, Progress.UNWATCHED);
        SuiteResult result = runner.run(suite(0, guarded("ann", "Ann lives", "Rome")), baseless);
        assertThat(result.verdict()).isEqualTo("undecided");
        assertThat(result.undecided()).containsExactly("drift_kl_max");
        assertThat(JUnitXml.of(List.of(result))).contains("failures=\"1\"");
        mayBeUndecided = true;
        assertThat(runner.run(suite(0, guarded("ann", "Ann lives", "Rome")), baseless)
                        .verdict())
                .isEqualTo("passed");
    }

    @Test
    void aBudgetLetsSomeFailAndNoMore() {
        GuardedCase right = guarded("ann", "Ann lives", "Rome");
        GuardedCase wrong = guarded("bob", "Bob lives", "Lima");
        GuardedCase wrongToo = guarded("eve", "Eve lives", "Bern");
        assertThat(run(suite(0.5, right, wrong)).passed()).isTrue();
        assertThat(run(suite(0.49, right, wrong)).passed()).isFalse();
        assertThat(run(suite(0.5, right, wrong, wrongToo)).broken())
                .containsExactly("must_change/homes: bob", "must_change/homes: eve");
    }

    @Test
    void limitsOnDriftTimeAndSizeBreakByName() {
        limits.put("drift_kl_max", 0.1);
        limits.put("drift_top_flips_max", 0.1);
        limits.put("drift_perplexity_ratio_max", 1.04);
        limits.put("seconds_max", 1.0);
        limits.put("model_bytes_max", 4e6);
        assertThat(run(suite(0, guarded("ann", "Ann lives", "Rome"))).broken())
                .containsExactly("drift_kl_max", "drift_perplexity_ratio_max", "model_bytes_max");
    }

    @Test
    void theBaselineIsComparedWhereItIsOfThisSuiteAndEveryDifferenceIsALine() {
        RegressionSuite suite = suite(0, guarded("ann", "Ann lives", "Rome"));
        Baseline baseline = Baseline.of(run(suite), "engine 1", "now");
        baseline.write(suite.baselineFile());
        assertThat(Baseline.read(suite.baselineFile())).contains(baseline);
        SuiteResult again = run(suite);
        assertThat(again.baseline()).isEqualTo(SuiteResult.BaselineState.COMPARED);
        assertThat(again.cases().get(0).accepted()).contains("Rome");
        assertThat(again.cases().get(0).changed()).isFalse();
        assertThat(baseline.differences(Baseline.of(again, "engine 1", "later")))
                .isEmpty();
        Baseline other = Baseline.of(
                run(suite(0, guarded("ann", "The river is", "Tiber"), guarded("bob", "Bob lives", "Rome"))),
                "engine 2",
                "later");
        assertThat(baseline.differences(other))
                .anySatisfy(line -> assertThat(line).startsWith("suite: "))
                .contains(
                        "engine: engine 1 -> engine 2",
                        "must_change/homes: ann: 'Rome' holds -> 'Tiber' holds",
                        "must_change/homes: bob: (not there) -> 'Rome' holds")
                .hasSize(4);
        assertThat(run(suite(0, guarded("bob", "Bob lives", "Rome"))).baseline())
                .isEqualTo(SuiteResult.BaselineState.STALE);
    }

    @Test
    void aBaselineThatLacksAPartIsRefused() throws IOException {
        RegressionSuite suite = suite(0, guarded("ann", "Ann lives", "Rome"));
        Baseline.of(run(suite), "engine 1", "now").write(suite.baselineFile());
        String whole = Files.readString(suite.baselineFile());
        for (String part :
                List.of("answers", "suite_digest", "model", "model_digest", "patches", "protocol", "engine", "time")) {
            Files.writeString(suite.baselineFile(), whole.replaceFirst("\"" + part + "\" *:", "\"x_" + part + "\":"));
            assertThatThrownBy(() -> run(suite)).as(part).isInstanceOf(BadInput.class);
        }
    }

    /** No file gives such an id, but a program that makes its own suite may. */
    @Test
    void theXmlIsThatOfSurefireAndHoldsWhatXmlCannot() throws Exception {
        SuiteResult result = run(unwritten(
                0,
                List.of(
                        guarded("ann", "Ann lives", "Rome"),
                        guarded("b<o&b\u0001", "Bob lives", "Lima"),
                        guarded("cid", "Cid lives", "Oslo"))));
        Element root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(JUnitXml.of(List.of(result)).getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
        Element suite = (Element) root.getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("tests")).isEqualTo("4");
        assertThat(suite.getAttribute("failures")).isEqualTo("2");
        assertThat(suite.getAttribute("skipped")).isEqualTo("0");
        assertThat(root.getElementsByTagName("failure").item(0).getTextContent())
                .contains("expected: Lima", "found:    Rome");
        assertThat(((Element) root.getElementsByTagName("testcase").item(1)).getAttribute("name"))
                .isEqualTo("b<o&b\uFFFD");
    }

    @Test
    void theSarifPointsToTheLineOfTheCase() throws Exception {
        limits.put("drift_kl_max", 0.1);
        RegressionSuite suite = suite(0, guarded("ann", "Ann lives", "Rome"), guarded("bob", "Bob lives", "Lima"));
        JsonNode run = new ObjectMapper()
                .readTree(Sarif.of(List.of(run(suite)), "1", folder))
                .at("/runs/0");
        assertThat(run.path("results")).hasSize(2);
        JsonNode place = run.at("/results/0/locations/0/physicalLocation");
        assertThat(place.at("/artifactLocation/uri").asText()).isEqualTo("homes.yaml");
        assertThat(java.nio.file.Files.readAllLines(suite.file())
                        .get(place.at("/region/startLine").asInt() - 1))
                .contains("bob");
        assertThat(run.at("/results/1/ruleId").asText()).isEqualTo("drift_kl_max");
        assertThat(run.at("/tool/driver/rules").findValuesAsText("id"))
                .containsExactly("drift_kl_max", "must_change/homes");
    }
}
