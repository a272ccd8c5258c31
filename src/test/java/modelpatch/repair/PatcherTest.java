package modelpatch.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import modelpatch.edit.Edit;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditPrompts;
import modelpatch.edit.EditedMatrix;
import modelpatch.edit.Forecast;
import modelpatch.edit.LayerEdit;
import modelpatch.edit.Method;
import modelpatch.edit.PostCondition;
import modelpatch.edit.PromptMaker;
import modelpatch.edit.SecondMoments;
import modelpatch.edit.TinyWorld;
import modelpatch.edit.Workbench;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Stopped;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;
import modelpatch.locate.Findings;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatcherTest {
    private static final List<Integer> LAYERS = List.of(1, 2);

    @TempDir
    static Path folder;

    private static CaseSuite suite;
    private static Findings findings;
    private static LanguageModel model;
    private static PromptMaker prompts;
    private static Workbench editor;
    private static Patcher patcher;
    private static Judge judge;
    private static final EditProbes TEST = new EditProbes(Form.CLOZE, TemplateSplit.TEST, 4, 1);
    private static final EditProbes VALIDATION = new EditProbes(Form.CLOZE, TemplateSplit.VALIDATION, 4, 1);

    @BeforeAll
    static void open() throws IOException {
        TinyWorld world = TinyWorld.at(folder);
        findings = world.find();
        suite = world.suite();
        model = world.open();
        Examiner before = new Examiner(model, TinyWorld.protocol(), 64);
        Knowledge knowledge = new Knowledge(before, findings.split().composed());
        prompts = new PromptMaker(
                suite, Form.CLOZE, knowledge, model.parameters(), List.of("{}", "the river is naa . {}"), List.of(), 1);
        editor = new Workbench(model, TinyWorld.protocol(), PatcherTest::moments, Progress.UNWATCHED);
        judge = new Judge(
                before,
                knowledge,
                suite,
                Gates.DEFAULTS,
                DriftMeter.on("prompts", model, prompts.generic(4, true)),
                new ClusterBootstrap(20, 1),
                List.of());
        patcher = new Patcher(model, PatchStack.empty(), editor, judge, prompts, VALIDATION, TEST, List.of(), 0);
    }

    private static SecondMoments moments(EditedMatrix matrix) {
        return TinyWorld.moments(model, prompts, matrix, folder.resolve("moments"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static List<CompositionalCase> failures() {
        return findings.failures().stream()
                .map(one -> suite.find(one.id()).orElseThrow())
                .toList();
    }

    @Test
    void noPromptOfAnyEditIsScoredAndAllStandOnEditTemplates() {
        for (Method method : Method.values()) {
            EditPlan plan = EditPlan.of(method, LAYERS).withRelations(2);
            for (CompositionalCase one : failures()) {
                EditPrompts fed = prompts.of(List.of(one), plan);
                assertThat(fed.rows()).isNotEmpty();
                assertThat(fed.all().filter(prompt -> !prompt.endsWith(" is a")))
                        .allMatch(prompt -> prompt.contains("e "), "edit templates begin with e");
                fed.requireUnscored(fed.scorable(judge.probes(TEST, List.of(one))));
                fed.requireUnscored(fed.scorable(judge.probes(VALIDATION, List.of(one))));
            }
        }
    }

    @Test
    void aScoredPromptAmongThoseOfTheEditIsRefused() {
        CompositionalCase one = failures().get(0);
        EditPrompts fed = prompts.of(List.of(one), EditPlan.of(Method.CREME_TEMPLATES, LAYERS));
        Query seen = one.guides(TemplateSplit.EDIT).get(0);
        Probe probe = new Probe(EditSet.HOPS, "x", one.id(), one.bridge(), Question.of(seen, one.answers()));
        assertThatThrownBy(() -> fed.requireUnscored(List.of(probe)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("scored");
    }

    @Test
    void contextsStandBeforeThePrimaryClozeAndItsGuideAlike() {
        CompositionalCase one = failures().get(0);
        EditPrompts fed = prompts.of(List.of(one), EditPlan.of(Method.CREME_PAPER, LAYERS));
        assertThat(fed.rows())
                .extracting(EditPrompts.Row::composition)
                .containsExactly(
                        one.primary().prompt(),
                        "the river is naa . " + one.primary().prompt());
        assertThat(fed.rows())
                .extracting(EditPrompts.Row::guide)
                .contains(one.primaryGuide().prompt());
    }

    @Test
    void onePatchForTwoCasesMeetsBothPostConditions() {
        List<CompositionalCase> two = failures().subList(0, 2);
        Repaired repair = patcher.result(two, EditPlan.of(Method.CREME_PAPER, LAYERS));
        assertThat(repair.edit().layers()).hasSize(2).allSatisfy(layer -> {
            assertThat(layer.change().rank()).isEqualTo(2);
            assertThat(layer.solution().orElseThrow().movements().columns()).isEqualTo(2);
        });
        assertThat(repair.edit().conditions()).isNotEmpty().allMatch(PostCondition::met);
    }

    @Test
    void everyMethodMovesProbesAsPredictedLandsWhereItPromisedAndLeavesTheBaseAsItIs() {
        float[] before = model.weight(model.outputName(1));
        for (Method method : Method.values()) {
            // what is written is written where a block is left to read it
            List<Integer> layers = method.writesBridge() || method.isTold() ? List.of(0, 1) : LAYERS;
            Repaired repair = patcher.result(
                    failures().subList(0, 1), EditPlan.of(method, layers).withRelations(1));
            assertThat(repair.edit().layers())
                    .as(method.key() + ": an edit for each layer of the plan")
                    .extracting(LayerEdit::layer)
                    .containsAll(layers)
                    .isSorted();
            assertThat(repair.edit().layers())
                    .as(method.key() + ": post-conditions, and all met")
                    .allSatisfy(
                            layer -> assertThat(layer.conditions()).isNotEmpty().allMatch(PostCondition::met));
            assertThat(repair.movement().orElseThrow().worst())
                    .as(method.key() + ": observed movement against the predicted one")
                    .isLessThanOrEqualTo(1e-4);
            assertThat(repair.judgement().drift()).isPresent();
        }
        assertThat(model.weight(model.outputName(1))).isEqualTo(before);
    }

    @Test
    void theControlOfABridgeIsNotWrittenWhereNothingReadsIt() {
        EditPlan writer = EditPlan.of(Method.BRIDGE_WRITER, List.of(0));
        assertThat(Candidates.unlocated(findings, writer, model)).containsExactly(1);
        EditPlan other = EditPlan.of(Method.SPREAD_RESIDUAL, List.of(0, 1)).on(EditedMatrix.W_DOWN, List.of(0, 1));
        assertThat(Candidates.unlocated(findings, other, model)).containsExactly(2);
    }

    @Test
    void aPatchOfManyHoldsItsGatesAndSaysWhyCasesAreLeftOut() {
        List<CompositionalCase> all = failures();
        Set<String> ids = new HashSet<>();
        all.forEach(one -> ids.add(one.id()));
        Patcher.Together together =
                patcher.together(all, EditPlan.of(Method.SPREAD_RESIDUAL, LAYERS), ids, Progress.UNWATCHED);
        int taken = together.repair().map(repair -> repair.cases().size()).orElse(0);
        assertThat(taken + together.leftOut().size()).isEqualTo(all.size());
        assertThat(together.leftOut()).allMatch(one -> !one.why().isBlank());
        together.repair().ifPresent(repair -> {
            var correction = repair.judgement().sets().get(EditSet.CORRECTION);
            assertThat(correction.pairs().total()).isEqualTo(taken);
            assertThat(correction.correctionRate().orElseThrow()).isGreaterThanOrEqualTo(0.8);
            assertThat(repair.creme()).hasSize(taken);
        });
    }

    @Test
    void aSecondRoundGivesMoreWeightToWhatTheFirstMissed() {
        EditPlan once = EditPlan.of(Method.SPREAD_RESTORING, LAYERS)
                .on(EditedMatrix.W_DOWN, LAYERS)
                .withLambda(1e4) // so heavy that hardly anything moves
                .withRelations(0);
        EditPrompts fed = prompts.of(failures(), once);
        Edit first = editor.edit(fed, once);
        Edit third = editor.edit(fed, once.withRounds(3));
        assertThat(first.layers().get(0).tensor()).isEqualTo(model.mlpOutName(1));
        assertThat(third.layers().get(0).reach())
                .isGreaterThan(first.layers().get(0).reach());
        assertThat(third.conditions()).allMatch(PostCondition::met);
    }

    @Test
    void aJointPatchWhoseGatesNeverHoldTakesNothingAndSaysWhichGate() {
        Patcher strict = new Patcher(
                model, PatchStack.empty(), editor, judge.with(closed()), prompts, VALIDATION, TEST, List.of(), 0);
        Patcher.Together together =
                strict.together(failures(), EditPlan.of(Method.CREME_PAPER, LAYERS), Set.of(), Progress.UNWATCHED);
        assertThat(together.repair()).isEmpty();
        assertThat(together.leftOut()).hasSize(failures().size());
        assertThat(together.leftOut())
                .extracting(RepairDocument.LeftOutCase::why)
                .allMatch(why -> why.contains("drift_kl_max") || why.contains("does not correct"));
    }

    @Test
    void aMethodIsJudgedOnWhatItClaimsToRepairBesideItsOwnCases() {
        assertThat(gates(Method.BRIDGE_WRITER)).contains("generalisation_min");
        assertThat(gates(Method.CREME_PAPER)).doesNotContain("generalisation_min");
    }

    private static List<String> gates(Method method) {
        return patcher.result(failures().subList(0, 1), EditPlan.of(method, List.of(1))).judgement().gates().stream()
                .map(GateResult::name)
                .toList();
    }

    @Test
    void aFinishedPatchIsTriedInEightBitsToo() {
        assertThat(gates(Method.CREME_PAPER)).contains("quantised_correction_min", "change_relative_norm_max");
    }

    /** Limits that no change keeps. */
    private static Gates closed() {
        Map<String, Double> limits = new LinkedHashMap<>(Gates.DEFAULTS.limits());
        limits.put("drift_kl_max", 0.0);
        limits.put("paraphrase_min", 0.0);
        limits.put("change_relative_norm_max", 1e9);
        limits.put("harm_hops_max", 2.0);
        limits.put("harm_specificity_relation_max", 2.0);
        limits.put("harm_specificity_random_max", 2.0);
        return new Gates(limits, Set.of());
    }

    @Test
    void aSearchFindsTheSameTwice() {
        List<EditPlan> plans = List.of(
                EditPlan.of(Method.CREME_PAPER, LAYERS),
                EditPlan.of(Method.SPREAD_RESIDUAL, LAYERS),
                EditPlan.of(Method.SPREAD_RESIDUAL, List.of(2)));
        Forecast forecast = new Forecast(editor, TinyWorld.protocol(), suite, prompts);
        Search search = new Search(patcher, forecast, 2, SearchNotes.unwritten());
        List<RankedPlan> first = search.rank(plans, failures().subList(0, 2), false, Onlooker.NOBODY.begin("search"));
        List<RankedPlan> second = search.rank(plans, failures().subList(0, 2), false, Onlooker.NOBODY.begin("search"));
        assertThat(first).isEqualTo(second).hasSize(3);
        assertThat(first.get(0).score()).isPresent();
        assertThat(first).allMatch(one -> one.forecast().isPresent());
    }

    @Test
    void anInterruptedSearchGoesOnWhereItWasAndFindsWhatAnUninterruptedOneFinds(@TempDir Path kept) {
        List<EditPlan> plans = List.of(
                EditPlan.of(Method.CREME_PAPER, LAYERS),
                EditPlan.of(Method.CREME_PROTECTED, LAYERS),
                EditPlan.of(Method.CREME_PAPER, List.of(1)),
                EditPlan.of(Method.SPREAD_RESIDUAL, List.of(2)));
        Forecast forecast = new Forecast(editor, TinyWorld.protocol(), suite, prompts);
        List<CompositionalCase> cases = failures().subList(0, 4);
        List<String> all = new ArrayList<>();
        List<RankedPlan> expected = new Search(patcher, forecast, 4, SearchNotes.unwritten())
                .rank(plans, cases, false, telling(all, Integer.MAX_VALUE));
        assertThat(all).hasSize(4 + 4 + 2 + 2).last().asString().contains("on 4 cases; best so far");
        Path file = kept.resolve("notes.json");
        for (int stop : new int[] {2, 3, 5}) {
            assertThatThrownBy(() -> new Search(patcher, forecast, 4, SearchNotes.in(file))
                            .rank(plans, cases, false, telling(new ArrayList<>(), stop + 4)))
                    .isInstanceOf(Stopped.class);
        }
        SearchNotes notes = SearchNotes.in(file);
        assertThat(plans).allMatch(plan -> notes.forecast(plan).isPresent());
        assertThat(plans).allMatch(plan -> notes.trial(plan, 1).isPresent());
        assertThat(plans).noneMatch(plan -> notes.trial(plan, 4).isPresent());
        assertThat(new Search(patcher, forecast, 4, notes)
                        .rank(plans, cases, false, telling(new ArrayList<>(), Integer.MAX_VALUE)))
                .isEqualTo(expected);
        notes.close();
        assertThat(file).doesNotExist();
    }

    /** Writes down what is done, and stops before the so-manieth thing. */
    private static Onlooker.Part telling(List<String> said, int most) {
        return new Onlooker.Part() {
            @Override
            public void doing(String what) {
                said.add(what);
            }

            @Override
            public void at(int done, int total) {
                assertThat(done).isBetween(0, total);
                if (said.size() >= most) {
                    throw new Stopped();
                }
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void allPlansMeetAFewCasesTheBetterOnesMoreAndTwoMeetAll() {
        assertThat(Search.heats(10, 10, false))
                .containsExactly(new Search.Heat(2, 10), new Search.Heat(5, 4), new Search.Heat(10, 2));
        assertThat(Search.heats(3, 10, false)).containsExactly(new Search.Heat(3, 10));
        assertThat(Search.heats(10, 3, false)).containsExactly(new Search.Heat(10, 3));
        assertThat(Search.heats(10, 10, true)).containsExactly(new Search.Heat(10, 10));
    }

    @Test
    void anExaminerOfAnEditedModelHearsTheSameWithTheGuessesOfTheUnedited() {
        CompositionalCase one = failures().get(0);
        Edit edit = editor.edit(
                prompts.of(List.of(one), EditPlan.of(Method.CREME_PAPER, List.of(1))),
                EditPlan.of(Method.CREME_PAPER, List.of(1)));
        List<Question> questions = suite.cases().stream()
                .limit(40)
                .map(other -> Question.of(other.primary(), other.answers()))
                .toList();
        Examiner unedited = new Examiner(model, TinyWorld.protocol(), 16);
        List<Reply> before = unedited.ask(questions);
        try (Remedy patch = Remedy.patch(model, PatchStack.empty(), edit.deltas())) {
            List<Reply> expected = new Examiner(patch.answers(), TinyWorld.protocol(), 16).ask(questions);
            assertThat(unedited.like(patch.answers()).ask(questions))
                    .isEqualTo(expected)
                    .isNotEqualTo(before);
        }
    }

    @Test
    void notesThatAreDamagedCountAsEmpty(@TempDir Path kept) throws IOException {
        Path file = kept.resolve("notes.json");
        Files.writeString(file, "{\"lines\": [");
        assertThat(SearchNotes.in(file).forecast(EditPlan.of(Method.CREME_PAPER, LAYERS)))
                .isEmpty();
    }
}
