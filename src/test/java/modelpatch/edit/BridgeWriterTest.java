package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Progress;
import modelpatch.locate.Findings;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the bridge writer promises: the state at the end of the phrase, and nothing before it. */
class BridgeWriterTest {
    private static final EditPlan PLAN = EditPlan.of(Method.BRIDGE_WRITER, List.of(1));

    @TempDir
    static Path folder;

    private static LanguageModel model;
    private static PromptMaker prompts;
    private static Workbench bench;
    private static List<CompositionalCase> failures;

    @BeforeAll
    static void open() throws IOException {
        TinyWorld world = TinyWorld.at(folder);
        Findings findings = world.find();
        CaseSuite suite = world.suite();
        model = world.open();
        prompts = world.prompts(model, findings, List.of("{}"), List.of("is {} ?", "has as {} :"));
        bench = new Workbench(model, TinyWorld.protocol(), BridgeWriterTest::moments, Progress.UNWATCHED);
        failures = findings.failures().stream()
                .map(one -> suite.find(one.id()).orElseThrow())
                .toList();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static SecondMoments moments(EditedMatrix matrix) {
        return TinyWorld.moments(model, prompts, matrix, folder.resolve("moments"));
    }

    private static Phrases phrases(EditPrompts fed) {
        EditPrompts.Encoded encoded = fed.encode(model, TinyWorld.protocol());
        return Phrases.of(new EditRequest(
                model,
                encoded,
                fed.cases(),
                PLAN,
                BridgeWriterTest::moments,
                new BankKeys(model, EditedMatrix.W_DOWN),
                Progress.UNWATCHED));
    }

    @Test
    void mentionsSpeakOfThePhraseAndOfTheBridgeInTheSameWords() {
        CompositionalCase one = failures.get(0);
        EditPrompts fed = prompts.of(List.of(one), PLAN);
        assertThat(fed.mentions()).hasSize(2).allSatisfy(row -> {
            String phrase = row.phrase().in(row.composition());
            assertThat(phrase).endsWith("of " + one.subject()).startsWith("the ");
            assertThat(row.bridge().in(row.guide())).isEqualTo(one.bridge());
            assertThat(row.composition().replace(phrase, "*"))
                    .isEqualTo(row.guide().replace(one.bridge(), "*"));
        });
        assertThat(fed.all())
                .containsAll(fed.mentions().stream()
                        .map(EditPrompts.Row::composition)
                        .toList());
        assertThat(prompts.of(List.of(one), EditPlan.of(Method.SPREAD_RESIDUAL, List.of(1)))
                        .mentions())
                .isEmpty();
    }

    @Test
    void theEditedModelHasTheTrainedStateWhereThePhraseEnds() {
        EditPrompts fed = prompts.of(failures.subList(0, 2), PLAN);
        Phrases phrases = phrases(fed);
        Site site = new Site(Site.Kind.RESIDUAL_POST, 1);
        Edit edit = bench.edit(fed, PLAN);
        assertThat(edit.conditions()).isNotEmpty().allMatch(PostCondition::met);
        LayerEdit layer = edit.layers().get(0);
        assertThat(layer.tensor()).isEqualTo(model.mlpOutName(1));
        assertThat(layer.change().rank()).isEqualTo(2);
        Matrix movements = layer.solution().orElseThrow().movements();
        Matrix before = phrases.read(model, site);
        try (LanguageModel edited = model.with(edit.weights(model))) {
            Matrix moved = phrases.read(edited, site).minus(before);
            assertThat(moved.minus(movements).norm()).isCloseTo(0, within(1e-4 * movements.norm()));
        }
    }

    @Test
    void nothingBeforeTheEndOfThePhraseMovesMuch() {
        EditPrompts fed = prompts.of(failures.subList(0, 1), PLAN);
        Phrases phrases = phrases(fed);
        Edit loose = bench.edit(fed, PLAN.withHold(0));
        Edit held = bench.edit(fed, PLAN.withHold(1000));
        assertThat(movedBefore(phrases, held)).isLessThan(0.5 * movedBefore(phrases, loose));
        assertThat(held.conditions()).allMatch(PostCondition::met);
    }

    /** How far tokens before the end of the phrase move, all prompts together, beside what is written at its end. */
    private static double movedBefore(Phrases phrases, Edit edit) {
        Site site = new Site(Site.Kind.MLP_OUT, 1);
        ActivationCache was = model.run(phrases.prefix(), phrases.said(), Set.of(site), List.of(), false);
        double sum = 0;
        try (LanguageModel edited = model.with(edit.weights(model))) {
            ActivationCache is = edited.run(phrases.prefix(), phrases.said(), Set.of(site), List.of(), false);
            for (int i = 0; i < phrases.ends().length; i++) {
                for (int position = 0; position < phrases.ends()[i]; position++) {
                    for (int c = 0; c < model.config().dModel(); c++) {
                        double step = is.at(i, site, position)[c] - was.at(i, site, position)[c];
                        sum += step * step;
                    }
                }
            }
        }
        return Math.sqrt(sum) / edit.layers().get(0).asked();
    }

    @Test
    void theLastBlockIsRefusedBecauseNothingReadsIt() {
        EditPlan last = EditPlan.of(Method.BRIDGE_WRITER, List.of(2));
        assertThatThrownBy(() -> bench.edit(prompts.of(failures.subList(0, 1), last), last))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no block reads");
    }

    @Test
    void ofAModelOfThirtyBlocksTheThirteenthIsWrittenAndOfOneOfThreeTheSecond() {
        assertThat(BridgeWriter.block(30)).isEqualTo(12);
        assertThat(BridgeWriter.block(3)).isEqualTo(1);
        assertThat(BridgeWriter.block(2)).isEqualTo(0);
    }

    @Test
    void theFinisherComesOnlyWhereTheBridgeWasNotEnough() {
        EditPlan plan = EditPlan.of(Method.BRIDGE_THEN_FINISH, List.of(2));
        for (CompositionalCase one : failures.subList(0, 4)) {
            EditPrompts fed = prompts.of(List.of(one), plan);
            EditPrompts.Encoded encoded = fed.encode(model, TinyWorld.protocol());
            EditPlan writing = EditPlan.of(Method.BRIDGE_WRITER, List.of(1));
            Map<String, float[]> written = bench.edit(fed, writing).weights(model);
            boolean enough;
            try (LanguageModel view = model.with(written)) {
                enough = LikeliestTokens.of(view, encoded).compositions()[0]
                        == LikeliestTokens.of(model, encoded).guides()[0];
            }
            Edit edit = bench.edit(fed, plan);
            assertThat(edit.layers())
                    .extracting(LayerEdit::tensor)
                    .isEqualTo(
                            enough ? List.of(model.mlpOutName(1)) : List.of(model.mlpOutName(1), model.outputName(2)));
            assertThat(edit.conditions()).allMatch(PostCondition::met);
        }
    }
}
