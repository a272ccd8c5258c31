package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
    private static final Protocol BARE = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(500, 1);
    private static final List<CompositionalCase> CASES = SmallWorld.SUITE.cases();

    private final Map<String, String> script = SmallWorld.everything();
    private final ScriptedModel model = new ScriptedModel(text -> script.getOrDefault(text, ""));

    private List<CaseOutcome> evaluate(KnownRule rule, boolean allTemplates) {
        return new Evaluator(new Examiner(model, BARE, 4), rule, allTemplates, Rivals.none())
                .evaluate(CASES, outcome -> {}, Progress.UNWATCHED);
    }

    private EvaluationCounts counts(KnownRule rule, boolean allTemplates) {
        return Evaluation.of(BARE, evaluate(rule, allTemplates), true, BOOTSTRAP)
                .counts();
    }

    @Test
    void theWorldHasFourteenCases() {
        assertThat(CASES).hasSize(3 * 2 * 2 + 2);
    }

    @Test
    void aModelThatKnowsEverythingHasNoGap() {
        EvaluationCounts counts = counts(KnownRule.PRIMARY, false);
        assertThat(counts.cases()).isEqualTo(14);
        assertThat(counts.hopKnown()).containsEntry("hop1", new Tally(14, 14)).containsEntry("hop2", new Tally(14, 14));
        assertThat(counts.known()).isEqualTo(14);
        assertThat(counts.composed()).isEqualTo(14);
        assertThat(counts.failures()).isZero();
        assertThat(counts.gap()).hasValue(0);
        // Five bridges, none of them with a failure: Wilson over bridges, not certainty.
        assertThat(counts.gapInterval()).isEqualTo(Interval.wilson(0, 5));
        assertThat(counts.gapWilson()).isEqualTo(Interval.wilson(0, 14));
        assertThat(counts.allTemplates()).isEmpty();
    }

    @Test
    void aKnownCaseThatDoesNotComposeIsAFailureAndAMissingHopIsNot() {
        CompositionalCase failing = SmallWorld.one("Old Ardaman", "capital");
        script.put(failing.primary().prompt(), "Bruno.");
        CompositionalCase unknown = SmallWorld.one("Old Belaman", "capital"); // its hop 1 serves two cases
        script.put(unknown.singleHops().get(0).get(0).prompt(), "Arda.");
        script.put(unknown.primary().prompt(), "Nowhere.");
        script.put(SmallWorld.one("Young Coraman", "language").primary().prompt(), "");

        Evaluation evaluation = Evaluation.of(BARE, evaluate(KnownRule.PRIMARY, false), true, BOOTSTRAP);

        EvaluationCounts counts = evaluation.counts();
        assertThat(counts.hopKnown()).containsEntry("hop1", new Tally(12, 14)).containsEntry("hop2", new Tally(14, 14));
        assertThat(counts.known()).isEqualTo(12);
        assertThat(counts.composed()).isEqualTo(10);
        assertThat(counts.failures()).isEqualTo(2);
        assertThat(counts.composedUnknown()).isEqualTo(1); // Old Belaman's language, right without his country
        assertThat(counts.unparsed()).isEqualTo(1);
        assertThat(counts.gap().orElseThrow()).isCloseTo(2.0 / 12, within(1e-15));
        assertThat(counts.gapInterval().orElseThrow().contains(2.0 / 12)).isTrue();
        assertThat(evaluation.failures())
                .extracting(CaseOutcome::id)
                .containsExactly(
                        failing.id(),
                        SmallWorld.one("Young Coraman", "language").id());
        CaseOutcome outcome = evaluation.find(failing.id()).orElseThrow();
        assertThat(outcome.composition().predicted()).isEqualTo("Bruno");
        assertThat(outcome.bridge()).isEqualTo("Arda");
        assertThat(outcome.answer()).isEqualTo("Arno");
        assertThat(outcome.hops()).extracting(Reply::predicted).containsExactly("Arda", "Arno");
        assertThat(outcome.lastHopRight()).isTrue();
        assertThat(evaluation.knowsLastHop()).accepts(failing);
    }

    @Test
    void outcomesAreOrderedByCase() {
        List<String> ids =
                evaluate(KnownRule.PRIMARY, false).stream().map(CaseOutcome::id).toList();
        assertThat(ids)
                .containsExactlyElementsOf(
                        CASES.stream().map(CompositionalCase::id).toList());
        assertThat(ids).isSorted();
    }

    @Test
    void sharedHopsAreAskedOnce() {
        evaluate(KnownRule.PRIMARY, false);
        // 14 compositions, 6 + 2 first hops, 3 capitals, 3 languages and 2 seas
        assertThat(model.generated).hasSize(14 + 8 + 8).doesNotHaveDuplicates();
    }

    @Test
    void allTemplatesAreTalliedAndMayDecideWhatIsKnown() {
        CompositionalCase one = SmallWorld.one("Old Ardaman", "capital");
        script.put(one.compositions().get(1).prompt(), "Bruno."); // still right on its primary prompt
        CompositionalCase shaky = SmallWorld.one("Old Belaman", "language");
        script.put(shaky.singleHops().get(0).get(1).prompt(), "Arda.");

        EvaluationCounts primary = counts(KnownRule.PRIMARY, true);
        assertThat(primary.known()).isEqualTo(14);
        assertThat(primary.failures()).isZero();
        assertThat(primary.allTemplates()).contains(new EvaluationCounts.TemplateCounts(12, 11));
        assertThat(primary.anyTemplate()).contains(new EvaluationCounts.TemplateCounts(14, 14));

        EvaluationCounts all = counts(KnownRule.ALL_TEMPLATES, true);
        assertThat(all.known()).isEqualTo(12);
        assertThat(all.hopKnown()).containsEntry("hop1", new Tally(14, 14));
        CaseOutcome outcome = evaluate(KnownRule.PRIMARY, true).stream()
                .filter(found -> found.id().equals(one.id()))
                .findFirst()
                .orElseThrow();
        assertThat(outcome.compositionTemplates()).isEqualTo(new Tally(5, 6)); // clozes only, the protocol's form
    }

    @Test
    void casesAreHandedOutAsSoonAsTheyAreAnsweredAndSurviveAnInterruption() {
        List<CaseOutcome> handed = new ArrayList<>();
        List<String> reports = new ArrayList<>();
        Evaluator evaluator = new Evaluator(new Examiner(model, BARE, 5), KnownRule.PRIMARY, false, Rivals.none());
        assertThatThrownBy(() -> evaluator.evaluate(CASES, handed::add, (done, total) -> {
                    reports.add(done + "/" + total);
                    if (done >= 15) {
                        throw new IllegalStateException("Ctrl-C");
                    }
                }))
                .hasMessage("Ctrl-C");
        assertThat(reports).containsExactly("0/30", "5/30", "10/30", "15/30");
        assertThat(handed).isNotEmpty().hasSizeLessThan(14);
        Evaluation partial = Evaluation.of(BARE, handed, false, BOOTSTRAP);
        assertThat(partial.complete()).isFalse();
        assertThat(partial.counts().cases()).isEqualTo(handed.size());

        // Going on asks only what is missing.
        int asked = model.generated.size();
        List<CaseOutcome> rest = evaluator.evaluate(CASES, outcome -> {}, Progress.UNWATCHED);
        assertThat(rest).hasSize(14).startsWith(handed.toArray(CaseOutcome[]::new));
        assertThat(model.generated).hasSize(30);
        assertThat(asked).isEqualTo(15);
    }

    @Test
    void theCappedCountsStandBesideTheOthers() {
        Set<String> kept = new HashSet<>();
        CASES.subList(0, 6).forEach(one -> kept.add(one.id()));
        Evaluation evaluation = Evaluation.of(BARE, evaluate(KnownRule.PRIMARY, false), true, BOOTSTRAP)
                .capped(kept, BOOTSTRAP);
        assertThat(evaluation.counts().cases()).isEqualTo(14);
        assertThat(evaluation.capped().orElseThrow().cases()).isEqualTo(6);
    }

    @Test
    void noCasesGiveNoGapAndNotZero() {
        EvaluationCounts counts =
                Evaluation.of(BARE, List.of(), true, BOOTSTRAP).counts();
        assertThat(counts.gap()).isEmpty();
        assertThat(counts.gapInterval()).isEmpty();
    }

    @Test
    void theScoredProtocolRanksAgainstTheOtherEntitiesOfTheType() {
        Rivals rivals = Rivals.among(CASES, SmallWorld.RELATIONS, EntityNames.none(), 20, 1);
        model.after("is", "Arno", 5)
                .after("is", "Bruno", 4)
                .after("is", "Carno", 3)
                .after("is", "Ardish", 9);
        Evaluator evaluator =
                new Evaluator(new Examiner(model, BARE.as(Protocol.Kind.SCORED), 4), KnownRule.PRIMARY, false, rivals);
        CaseOutcome outcome = evaluator
                .evaluate(List.of(SmallWorld.one("Old Belaman", "capital")), found -> {}, Progress.UNWATCHED)
                .get(0);
        // Every capital is judged among capitals: Ardish, a language, is likelier but no rival.
        assertThat(outcome.composition().score().orElseThrow().rank()).isEqualTo(2);
        assertThat(outcome.composition().score().orElseThrow().candidates()).isEqualTo(3);
        assertThat(outcome.composition().predicted()).isEqualTo("Arno");
        assertThat(outcome.composition().score().orElseThrow().firstTokenRank()).isEqualTo(3);
        Rivals fewer = Rivals.among(CASES, SmallWorld.RELATIONS, EntityNames.none(), 1, 1);
        CaseOutcome limited = new Evaluator(
                        new Examiner(model, BARE.as(Protocol.Kind.SCORED), 4), KnownRule.PRIMARY, false, fewer)
                .evaluate(List.of(SmallWorld.one("Old Belaman", "capital")), found -> {}, Progress.UNWATCHED)
                .get(0);
        assertThat(limited.composition().score().orElseThrow().candidates()).isEqualTo(2);
    }

    @Test
    void theSlowProtocolGoesThroughTheHops() {
        CompositionalCase one = SmallWorld.one("Old Ardaman", "capital");
        script.put(one.primary().prompt(), "Bruno.");
        String first = one.singleHops().get(0).get(0).prompt();
        script.put(first + " Arda.\n" + one.singleHops().get(1).get(0).prompt(), "Arno.");
        Evaluator slow = new Evaluator(
                new Examiner(model, BARE.as(Protocol.Kind.SLOW), 4), KnownRule.PRIMARY, false, Rivals.none());
        CaseOutcome outcome =
                slow.evaluate(List.of(one), found -> {}, Progress.UNWATCHED).get(0);
        assertThat(outcome.composition().right()).isTrue();
        assertThat(outcome.composition().steps()).containsExactly("Arda");
    }

    @Test
    void aSuiteWithoutPromptsOfTheProtocolsFormIsRefused() {
        CompositionalCase one = CASES.get(0);
        CompositionalCase onlyClozes = new CompositionalCase(
                one.id(),
                one.hops(),
                one.split(),
                one.compositions().subList(0, 1),
                one.guides().subList(0, 1),
                one.singleHops());
        Evaluator questions = new Evaluator(
                new Examiner(model, Protocol.generated(FewShot.none(Form.QUESTION)), 4),
                KnownRule.PRIMARY,
                false,
                Rivals.none());
        assertThatThrownBy(() -> questions.evaluate(List.of(onlyClozes), outcome -> {}, Progress.UNWATCHED))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(one.id())
                .hasMessageContaining("question");
    }
}
