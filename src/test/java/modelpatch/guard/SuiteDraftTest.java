package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.RoundingTies;
import modelpatch.evaluate.ScriptedModel;
import modelpatch.evaluate.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an item by how it was answered before and after the patches. */
class SuiteDraftTest {
    private static final Protocol PROTOCOL = Protocol.generated(FewShot.none(Form.CLOZE));

    @TempDir
    Path folder;

    private static Reply reply(boolean right) {
        return new Reply(
                "",
                right ? "Rome" : "Oslo",
                right ? Verdict.RIGHT : Verdict.WRONG,
                true,
                1,
                List.of(),
                Optional.empty());
    }

    private static SuiteDraft draft(int most, List<PairedEvaluation.Item> items) {
        RoundingTies ties = new RoundingTies(
                new ScriptedModel(text -> "Rome .").after("lives", "Rome", 3).after("Rome", ".", 5), PROTOCOL, 1);
        return new SuiteDraft(ties, most, 3).with(new PairedEvaluation(PROTOCOL.identity(), items));
    }

    private static List<PairedEvaluation.Item> items(EditSet set, boolean before, boolean after, int count) {
        List<PairedEvaluation.Item> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = (before ? "r" : "w") + (after ? "r" : "w") + i;
            Question question = new Question(id + " lives", List.of("Rome"), List.of(), List.of("Rome"), List.of());
            items.add(new PairedEvaluation.Item(
                    new Probe(set, id, "edited", "bridge", question), reply(before), reply(after)));
        }
        return items;
    }

    @Test
    void whatThePatchesBrokeStaysInTheSuiteAsAccepted() {
        List<PairedEvaluation.Item> items = new ArrayList<>(items(EditSet.CORRECTION, false, true, 2));
        items.addAll(items(EditSet.HOPS, true, true, 3));
        items.addAll(items(EditSet.HOPS, true, false, 4));
        items.addAll(items(EditSet.HOPS, false, false, 1));
        SuiteDraft draft = draft(3, items);

        List<GuardedSet> sets = draft.sets();

        assertThat(sets)
                .extracting(GuardedSet::title)
                .containsExactly("must_change/correction", "must_stay/hops", "must_stay/hops_known_losses");
        GuardedSet lost = sets.get(2);
        assertThat(lost.cases()).hasSize(3).allMatch(one -> one.id().startsWith("rw"));
        assertThat(lost.allowance()).as("all of them may be wrong").isEqualTo(3);
        assertThat(lost.cases().get(0).before()).contains("Rome");
        assertThat(sets.get(1).allowance()).isZero();
        assertThat(draft.leftOut())
                .isEqualTo(Map.of("hops: wrong all the same", 1, "hops_known_losses: more than 3", 1));
    }

    @Test
    void aKnownLossIsShownAndBreaksNoBuild() {
        RegressionSuite suite = new RegressionSuite(
                folder.resolve("s.yaml"),
                "",
                "s",
                "why",
                Optional.empty(),
                PROTOCOL,
                1,
                Optional.empty(),
                Map.of(),
                false,
                draft(5, items(EditSet.HOPS, true, false, 2)).sets());
        suite.write();
        GuardTarget target = new GuardTarget(
                "m",
                "d",
                Optional.empty(),
                List.of(),
                1,
                new ScriptedModel(text -> "Oslo ."),
                text -> Optional.empty());
        SuiteResult result =
                new SuiteRunner(Clock.systemUTC(), Progress.UNWATCHED).run(RegressionSuite.read(suite.file()), target);

        assertThat(result.passed()).isTrue();
        assertThat(result.failing()).hasSize(2);
        assertThat(result.sets().get(0).allowed()).isEqualTo(2);
    }
}
