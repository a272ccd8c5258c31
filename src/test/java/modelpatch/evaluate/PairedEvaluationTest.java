package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import org.junit.jupiter.api.Test;

class PairedEvaluationTest {
    private static final Protocol BARE = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(500, 1);
    private static final EditProbes PROBES = new EditProbes(Form.CLOZE, TemplateSplit.TEST, 10, 3);
    private static final CompositionalCase EDITED = SmallWorld.one("Old Ardaman", "capital");

    private static List<Probe> probes(CompositionalCase... edited) {
        return PROBES.of(SmallWorld.SUITE, List.of(edited), one -> true);
    }

    private static List<String> ids(List<Probe> probes, EditSet set) {
        return probes.stream()
                .filter(probe -> probe.set() == set)
                .map(Probe::id)
                .toList();
    }

    @Test
    void theCorrectionSetIsThePrimaryClozeAndAllElseComesFromTestTemplates() {
        List<Probe> probes = probes(EDITED);
        assertThat(ids(probes, EditSet.CORRECTION)).containsExactly(EDITED.id() + " capital.edit.cloze.1");
        assertThat(ids(probes, EditSet.PARAPHRASE))
                .containsExactly(EDITED.id() + " capital.test.cloze.1", EDITED.id() + " capital.test.cloze.2");
        assertThat(ids(probes, EditSet.HOPS))
                .containsExactly(
                        EDITED.id() + " hop1 home.test.cloze.1",
                        EDITED.id() + " hop1 home.test.cloze.2",
                        EDITED.id() + " hop2 capital.test.cloze.1",
                        EDITED.id() + " hop2 capital.test.cloze.2");
        List<String> protectedPrompts =
                EDITED.protectedPrompts().stream().map(Query::prompt).toList();
        assertThat(probes.stream()
                        .filter(probe -> probe.set() != EditSet.CORRECTION)
                        .map(probe -> probe.question().prompt()))
                .allMatch(prompt -> prompt.startsWith("By test"))
                .doesNotContainAnyElementsOf(protectedPrompts);
    }

    @Test
    void everySetHoldsTheCasesThatItsNameSays() {
        List<Probe> probes = probes(EDITED);
        assertThat(asked(probes, EditSet.GENERALISATION))
                .containsExactly(SmallWorld.one("Old Ardaman", "language").id());
        assertThat(asked(probes, EditSet.SIBLINGS))
                .containsExactly(SmallWorld.one("Young Ardaman", "capital").id());
        for (Probe probe : probes) {
            assertThat(probe.edited()).isEqualTo(EDITED.id());
            assertThat(probe.cluster()).isEqualTo("Arda");
        }
        List<CompositionalCase> sameRelations = SmallWorld.SUITE.sameRelations(EDITED);
        assertThat(asked(probes, EditSet.SPECIFICITY_RELATION))
                .containsExactlyElementsOf(
                        sameRelations.stream().map(CompositionalCase::id).toList());
        List<CompositionalCase> unrelated = SmallWorld.SUITE.random(EDITED, 3);
        assertThat(asked(probes, EditSet.SPECIFICITY_RANDOM))
                .containsExactlyElementsOf(
                        unrelated.stream().map(CompositionalCase::id).toList());
    }

    /** The case that each probe of a set asks, from ids like {@code edited > asked template}. */
    private static List<String> asked(List<Probe> probes, EditSet set) {
        return ids(probes, set).stream()
                .map(id -> id.substring(id.indexOf("> ") + 2, id.lastIndexOf(' ')))
                .toList();
    }

    @Test
    void generalisationNeedsAKnownLastHop() {
        List<Probe> probes = PROBES.of(
                SmallWorld.SUITE,
                List.of(EDITED),
                one -> !one.lastHop().relation().equals("language"));
        assertThat(ids(probes, EditSet.GENERALISATION)).isEmpty();
    }

    @Test
    void onePatchForManyCasesAsksNoItemTwiceAndNoneOfItsOwnCasesAsAnother() {
        CompositionalCase sibling = SmallWorld.one("Young Ardaman", "capital");
        List<Probe> probes = probes(EDITED, sibling);
        assertThat(ids(probes, EditSet.CORRECTION)).hasSize(2);
        assertThat(ids(probes, EditSet.SIBLINGS)).isEmpty();
        for (EditSet set : EditSet.values()) {
            assertThat(probes.stream()
                            .filter(probe -> probe.set() == set)
                            .map(probe -> probe.question().prompt()))
                    .doesNotHaveDuplicates();
        }
        assertThat(ids(probes, EditSet.HOPS)).hasSize(6); // the second hop is the same
    }

    @Test
    void aLimitTakesAPartThatTheSeedDecides() {
        EditProbes few = new EditProbes(Form.CLOZE, TemplateSplit.VALIDATION, 1, 3);
        List<Probe> one = few.of(SmallWorld.SUITE, List.of(EDITED), found -> true);
        assertThat(ids(one, EditSet.SPECIFICITY_RELATION).size()).isLessThanOrEqualTo(1);
        assertThat(few.of(SmallWorld.SUITE, List.of(EDITED), found -> true)).isEqualTo(one);
        assertThat(one.stream().filter(probe -> probe.set() != EditSet.CORRECTION))
                .allMatch(probe -> probe.question().prompt().startsWith("By validation"));
        assertThatThrownBy(() -> new EditProbes(Form.CLOZE, TemplateSplit.EDIT, 1, 3))
                .hasMessageContaining("cannot judge it");
    }

    @Test
    void bothModelsAnswerAndEverySetGetsItsTable() {
        List<Probe> probes = probes(EDITED);
        Map<String, String> before = new HashMap<>(SmallWorld.everything());
        EDITED.compositions().forEach(query -> before.put(query.prompt(), "Bruno."));
        Map<String, String> after = new HashMap<>(SmallWorld.everything());
        after.put(EDITED.compositions(TemplateSplit.TEST).get(1).prompt(), "Bruno.");
        EDITED.singleHops().get(0).forEach(query -> after.put(query.prompt(), "Arno."));
        ScriptedModel base = new ScriptedModel(text -> before.getOrDefault(text, ""));
        ScriptedModel patched = new ScriptedModel(text -> after.getOrDefault(text, ""));
        List<String> reports = new ArrayList<>();

        PairedEvaluation paired = PairedEvaluation.of(
                probes,
                new Examiner(base, BARE, 8),
                new Examiner(patched, BARE, 8),
                (done, total) -> reports.add(done + "/" + total));
        Map<EditSet, SetOutcome> sets = paired.sets(BOOTSTRAP);

        assertThat(sets.get(EditSet.CORRECTION).pairs()).isEqualTo(new PairedOutcome(0, 0, 1, 0, 0));
        assertThat(sets.get(EditSet.PARAPHRASE).pairs()).isEqualTo(new PairedOutcome(0, 0, 1, 1, 0));
        assertThat(sets.get(EditSet.HOPS).pairs()).isEqualTo(new PairedOutcome(2, 2, 0, 0, 0));
        assertThat(sets.get(EditSet.HOPS).harmRate()).hasValue(0.5);
        assertThat(sets.get(EditSet.HOPS).worsened())
                .containsExactlyElementsOf(ids(probes, EditSet.HOPS).subList(0, 2));
        assertThat(sets.get(EditSet.HOPS).judged(EditSet.HOPS)).isEqualTo(new Tally(2, 4));
        assertThat(sets.get(EditSet.PARAPHRASE).judged(EditSet.PARAPHRASE)).isEqualTo(new Tally(1, 2));
        SetOutcome kept = sets.get(EditSet.SPECIFICITY_RELATION);
        assertThat(kept.judged(EditSet.SPECIFICITY_RELATION).rate()).hasValue(1);
        assertThat(kept.judgedInterval(EditSet.SPECIFICITY_RELATION)
                        .orElseThrow()
                        .high())
                .isEqualTo(1.0);
        assertThat(sets.get(EditSet.SIBLINGS).correctionRate()).isEmpty();
        assertThat(sets).containsOnlyKeys(EditSet.values());
        assertThat(reports).last().isEqualTo(2 * probes.size() + "/" + 2 * probes.size());

        // Each case its own patch, judged alone, tables pooled: the counts add up.
        PairedEvaluation pooled = PairedEvaluation.pool(List.of(paired, paired));
        assertThat(pooled.sets(BOOTSTRAP).get(EditSet.PARAPHRASE).pairs()).isEqualTo(new PairedOutcome(0, 0, 2, 2, 0));
    }

    @Test
    void theUnpatchedModelIsAskedOnceForManyPatches() {
        ScriptedModel base = new ScriptedModel(text -> "");
        Examiner before = new Examiner(base, BARE, 8);
        List<Probe> probes = probes(EDITED);
        for (int patch = 0; patch < 3; patch++) {
            PairedEvaluation.of(probes, before, new Examiner(ScriptedModel.silent(), BARE, 8), Progress.UNWATCHED);
        }
        assertThat(base.generated).hasSize(probes.size());
    }

    @Test
    void differentProtocolsAndMissingRepliesAreRefused() {
        List<Probe> probes = probes(EDITED);
        Examiner generated = new Examiner(ScriptedModel.silent(), BARE, 8);
        Examiner slow = new Examiner(ScriptedModel.silent(), BARE.as(Protocol.Kind.SLOW), 8);
        assertThatThrownBy(() -> PairedEvaluation.of(probes, generated, slow, Progress.UNWATCHED))
                .hasMessageContaining("slow");
        assertThatThrownBy(() -> PairedEvaluation.of(probes, BARE, List.of(), List.of()))
                .hasMessageContaining("0 replies before");
        assertThatThrownBy(() -> PairedEvaluation.pool(List.of())).hasMessageContaining("one protocol");
    }
}
