package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Pieces;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinderTest {
    private static final LocateOptions OPTIONS =
            new LocateOptions(5, Effect.Measure.LOGIT_DIFFERENCE, 0, 100, 0, 0, 4, 6, 200);

    @TempDir
    static Path folder;

    private static LanguageModel model;

    @BeforeAll
    static void open() throws IOException {
        model = LanguageModel.open(TinyWorld.model(folder), LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void everyFailureOfKnownHopsIsDiagnosedAndNothingElse() {
        Evaluation evaluation = TinyWorld.evaluation(CompositionalCase::bridge);
        Findings findings = find(evaluation, OPTIONS);
        assertThat(findings.complete()).isTrue();
        assertThat(findings.failures())
                .extracting(FailureFinding::id)
                .containsExactlyElementsOf(
                        evaluation.failures().stream().map(one -> one.id()).toList())
                .noneMatch(id -> id.endsWith(":p7")); // its hops are not known
        assertThat(findings.failures())
                .allSatisfy(one -> assertThat(one.diagnosis()).isEqualTo(Diagnosis.STOPS_AT_BRIDGE));
        assertThat(findings.diagnoses())
                .containsEntry("stops at the bridge", findings.failures().size());
        assertThat(findings.diagnoses()).hasSize(Diagnosis.values().length);
        assertThat(findings.gap()).hasValue(evaluation.counts().gap().getAsDouble());
    }

    @Test
    void evidenceSaysWhereEntitiesAreReadAndWhatEverySiteDoes() {
        Findings findings = find(TinyWorld.evaluation(one -> "Quechua"), OPTIONS);
        FailureFinding newZealand = findings.failures().stream()
                .filter(one -> one.bridge().equals("New Zealand"))
                .findFirst()
                .orElseThrow();
        CaseLens lens = newZealand.evidence().lens();
        assertThat(lens.bridge().token()).isEqualTo("Zealand");
        assertThat(lens.bridge().forced()).isEqualTo(1);
        assertThat(lens.bridge().separated()).isTrue();
        assertThat(lens.answer().token()).isEqualTo("Maori");
        assertThat(lens.answer().forced()).isZero();
        assertThat(lens.bridgeAtPhraseEnd().normed().ranks())
                .hasSize(model.config().nLayers());
        MediationEvidence mediation = newZealand.evidence().mediation().orElseThrow();
        assertThat(mediation.contrast()).isEqualTo("Quechua");
        assertThat(mediation.contrastPredicted()).isTrue();
        assertThat(mediation.wrongBridge()).isPresent().get().isNotEqualTo("New Zealand");
        assertThat(mediation.last().headEffects())
                .hasSize(3)
                .allSatisfy(row -> assertThat(row).hasSize(6));
        assertThat(mediation.last().headControls()).isPresent();
        assertThat(mediation.phraseEnd()).isPresent();
        assertThat(mediation.topHeads()).hasSize(5);
    }

    @Test
    void theLensAtTheLastBlockIsTheModelsOwnPrediction() {
        Findings findings = find(TinyWorld.evaluation(one -> "Quechua"), OPTIONS);
        FailureFinding failure = findings.failures().stream()
                .filter(one -> one.evidence().lens().answer().forced() == 0)
                .findFirst()
                .orElseThrow();
        String prefix = TinyWorld.protocol().fewShot().text();
        float[] logits = model.nextLogits(new int[0], List.of(model.tokenizer().encode(prefix + failure.prompt())))
                .get(0);
        EntityToken answer = failure.evidence().lens().answer();
        LensCurve curve = failure.evidence().lens().answerAtLast().normed();
        int top = model.config().nLayers() - 1;
        assertThat(curve.logits().get(top)).isCloseTo(logits[answer.id()], within(1e-5));
        assertThat(curve.ranks().get(top)).isEqualTo(NextToken.rank(logits, answer.id()));
        assertThat(curve.probabilities().get(top))
                .isCloseTo(Math.exp(NextToken.logSoftmax(logits)[answer.id()]), within(1e-5));
        MediationEvidence mediation = failure.evidence().mediation().orElseThrow();
        assertThat(mediation.probability()).isCloseTo(curve.probabilities().get(top), within(1e-5));
    }

    @Test
    void rankingsRestOnFailuresOfTheChooseSideAlone() {
        Findings some = find(TinyWorld.evaluation(one -> "Quechua"), OPTIONS);
        Function<CompositionalCase, String> otherOnReport =
                one -> one.split().key().equals("report") ? "Italian Italian" : "Quechua";
        Findings others = find(TinyWorld.evaluation(otherOnReport), OPTIONS);
        assertThat(others.heads()).isEqualTo(some.heads());
        assertThat(others.sites()).isEqualTo(some.sites());
        assertThat(others.lens()).isEqualTo(some.lens());
        assertThat(some.last().cases())
                .isPositive()
                .isLessThanOrEqualTo(some.split().choose().failures().size());
        assertThat(some.heads()).hasSize(18);
        assertThat(some.heads().get(0).ci()).isPresent();
        assertThat(some.heads().get(0).necessity()).isPresent();
        for (int i = 1; i < some.heads().size(); i++) {
            assertThat(some.heads().get(i).score())
                    .isLessThanOrEqualTo(some.heads().get(i - 1).score());
        }
    }

    @Test
    void theSameSeedFindsTheSame() {
        Evaluation evaluation = TinyWorld.evaluation(one -> "Quechua");
        assertThat(find(evaluation, OPTIONS)).isEqualTo(find(evaluation, OPTIONS));
    }

    @Test
    void interruptedWorkGivesPartialFindingsAndCanGoOn() {
        Evaluation evaluation = TinyWorld.evaluation(one -> "Quechua");
        Finder finder = finder(evaluation, OPTIONS);
        Progress stopping = (done, all) -> {
            if (done >= all / 2) {
                throw new IllegalStateException("stop");
            }
        };
        assertThatThrownBy(() -> finder.run(stopping)).hasMessage("stop");
        Findings partial = finder.findings();
        Findings whole = find(evaluation, OPTIONS);
        assertThat(partial.complete()).isFalse();
        assertThat(partial.failures()).hasSameSizeAs(whole.failures());
        assertThat(partial.failures().stream()
                        .filter(one -> one.evidence().mediation().isPresent()))
                .hasSizeBetween(1, whole.failures().size() - 1);
        finder.run(Progress.UNWATCHED);
        assertThat(finder.findings()).isEqualTo(whole);
    }

    @Test
    void aLimitOfMediatedCasesStillDiagnosesAll() {
        Evaluation evaluation = TinyWorld.evaluation(one -> "Quechua");
        Findings findings = find(evaluation, OPTIONS.withMostMediated(2));
        assertThat(findings.failures()).hasSameSizeAs(evaluation.failures());
        Map<Boolean, Long> bySide = findings.failures().stream()
                .filter(one -> one.evidence().mediation().isPresent())
                .collect(java.util.stream.Collectors.partitioningBy(
                        one -> one.side().equals("choose"), java.util.stream.Collectors.counting()));
        assertThat(bySide.get(true)).isEqualTo(2);
        assertThat(bySide.get(false)).isEqualTo(2);
    }

    @Test
    void theEndOfThePhraseIsMediatedInAsManyCasesAsAskedFor() {
        LocateOptions one = new LocateOptions(5, Effect.Measure.LOGIT_DIFFERENCE, 0, 1, 0, 0, 0, 6, 200);
        Findings findings = find(TinyWorld.evaluation(x -> "Quechua"), one);
        assertThat(findings.failures())
                .allMatch(failure -> failure.evidence().mediation().isPresent());
        assertThat(findings.failures().stream()
                        .filter(failure -> failure.evidence()
                                .mediation()
                                .orElseThrow()
                                .phraseEnd()
                                .isPresent()))
                .hasSize(2);
        assertThat(findings.phraseEnd().orElseThrow().cases()).isLessThanOrEqualTo(1);
    }

    @Test
    void findingsSurviveTheFile() {
        Findings findings =
                find(TinyWorld.evaluation(one -> "Quechua"), OPTIONS).withSeconds("evaluation", 1.5);
        Path file = folder.resolve("findings.json");
        FindingsFile.write(file, findings);
        assertThat(FindingsFile.read(file)).isEqualTo(findings);
        BaseReading reading = BaseReading.of(model.checkpoint());
        assertThat(FindingsFile.read(file, model.digest(), reading)).isEqualTo(findings);
        assertThatThrownBy(() -> FindingsFile.read(file, "0".repeat(64), reading))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("findings of another model");
        Optional<String> other = Optional.of("0".repeat(64));
        assertThatThrownBy(() -> FindingsFile.read(
                        file, model.digest(), new BaseReading(reading.form(), other, reading.tokenizer())))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(file.toString(), "findings of another model", "config.json");
        assertThatThrownBy(() -> FindingsFile.read(
                        file, model.digest(), new BaseReading(reading.form(), reading.computation(), other)))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(file.toString(), "findings of another model", "tokenizer.json");
    }

    @Test
    void anotherProtocolThanTheEvaluationsIsRefused() {
        Evaluation evaluation = TinyWorld.evaluation(one -> "Quechua");
        Protocol bare = Protocol.generated(FewShot.none(Form.CLOZE));
        assertThatThrownBy(() -> new Finder(
                        model,
                        TinyWorld.background(),
                        TinyWorld.suite(),
                        bare,
                        evaluation,
                        OPTIONS,
                        TinyWorld.CLOCK,
                        Pieces.UNKEPT))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("two protocols");
    }

    @Test
    void aSuiteWithoutFailuresHasNoSitesAndNoDiagnoses() {
        Findings findings = find(TinyWorld.evaluation(CompositionalCase::answer), OPTIONS);
        assertThat(findings.failures()).isEmpty();
        assertThat(findings.heads()).isEmpty();
        assertThat(findings.sites().layers()).isEmpty();
        assertThat(findings.sites().halfwayLayer()).isEqualTo(Optional.empty());
    }

    private static Findings find(Evaluation evaluation, LocateOptions options) {
        Finder finder = finder(evaluation, options);
        finder.run(Progress.UNWATCHED);
        return finder.findings();
    }

    private static Finder finder(Evaluation evaluation, LocateOptions options) {
        return new Finder(
                model,
                TinyWorld.background(),
                TinyWorld.suite(),
                TinyWorld.protocol(),
                evaluation,
                options,
                TinyWorld.CLOCK,
                Pieces.UNKEPT);
    }
}
