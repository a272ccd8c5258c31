package modelpatch.thinking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import modelpatch.Installation;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Relations;
import modelpatch.edit.Method;
import modelpatch.edit.TinyWorld;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.ScriptedModel;
import modelpatch.guard.Gates;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.Find;
import modelpatch.locate.Findings;
import modelpatch.locate.LocateOptions;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;
import modelpatch.repair.Contest;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.repair.Wishes;
import modelpatch.train.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model's own answers in place of those of a suite. */
class SlowLabelsTest {
    private static final long SEED = 3;

    @TempDir
    Path folder;

    private static Questions questions(TinyWorld world, CaseSuite suite) {
        return new Questions(
                AskedSuite.of(suite, Relations.read(world.relations()), EntityNames.none()), TinyWorld.protocol());
    }

    /** Other objects in every hop, none of which any sentence or answer knows. */
    private static CaseSuite garbage(CaseSuite suite) {
        return suite.answeredBy(
                one -> Optional.of(List.of("garbage" + one.id() + "one", "garbage" + one.id() + "two")), SEED);
    }

    /** From two suites of the same questions, one with answers that mean nothing, to two patches, each by the model's own answers. */
    @Test
    void theAnswersOfTheSuitePlayNoPart() {
        Path home = Installation.here().model("default");
        AskedSuite gold = World.read(home).asked().with(suite -> suite.sample(60, SEED));
        AskedSuite garbage = gold.with(SlowLabelsTest::garbage);
        assertThat(garbage.suite().cases()).hasSameSizeAs(gold.suite().cases());
        try (PatchedModel model = PatchedModel.open(
                home, PatchStack.empty(), LoadOptions.defaults().withThreads(1))) {
            List<TensorDelta> fromGold = patch(model, gold);
            List<TensorDelta> fromGarbage = patch(model, garbage);
            assertThat(fromGold).isNotEmpty();
            assertThat(fromGarbage).hasSameSizeAs(fromGold);
            for (int i = 0; i < fromGold.size(); i++) {
                assertThat(fromGarbage.get(i).tensor())
                        .isEqualTo(fromGold.get(i).tensor());
                assertThat(fromGarbage.get(i).left()).isEqualTo(fromGold.get(i).left());
                assertThat(fromGarbage.get(i).right()).isEqualTo(fromGold.get(i).right());
            }
        }
    }

    private List<TensorDelta> patch(PatchedModel model, AskedSuite given) {
        Protocol protocol = Protocol.generated(FewShot.none(Form.CLOZE));
        Questions own = new Questions(
                SlowLabels.of(model.base(), new Questions(given, protocol), SEED, Onlooker.NOBODY)
                        .asked(),
                protocol);
        assertThat(own.asked().suite().cases()).hasSizeGreaterThan(50);
        Findings findings = new Find(
                        model.model(),
                        own,
                        new Find.Options(
                                KnownRule.PRIMARY,
                                false,
                                0,
                                Optional.empty(),
                                LocateOptions.defaults(SEED).withMostMediated(2)),
                        Clock.systemUTC())
                .run(Onlooker.NOBODY)
                .findings();
        RepairOptions repair = new RepairOptions(
                List.of(),
                false,
                OptionalInt.of(1),
                false,
                Wishes.on(List.of(3, 4)).with(Method.named("creme-paper")),
                Gates.read(Path.of("src/test/resources/remedy/open-gates.yaml")),
                2,
                0,
                2,
                2,
                SEED);
        return new Contest(
                        new Repair.Task(model, own, findings),
                        repair,
                        Surroundings.of(Installation.here(), folder.resolve("cache")),
                        Onlooker.NOBODY)
                .patch(Onlooker.NOBODY)
                .deltas();
    }

    @Test
    void aQuestionIsKeptWhereTwoWordingsOfEveryHopAgree() throws IOException {
        TinyWorld world = TinyWorld.at(folder);
        CompositionalCase one = world.suite().cases().get(0);
        Questions asked =
                questions(world, world.suite().only(other -> other.id().equals(one.id())));
        String first = one.singleHops().get(0).get(0).prompt();
        String second = one.singleHops().get(0).get(1).prompt();
        List<String> lasts = one.singleHops().get(1).subList(0, 2).stream()
                .map(query -> query.template().fill("Xan").prompt())
                .toList();
        Map<String, String> agreeing =
                Map.of(first, "Xan.", second, "the Xan.", lasts.get(0), "Yod.", lasts.get(1), "Yod.");
        List<CompositionalCase> kept = kept(asked, agreeing);
        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).hops().stream().map(Fact::object)).containsExactly("Xan", "Yod");
        assertThat(kept.get(0).compositions()).isEqualTo(one.compositions());
        assertThat(kept.get(0).guides()).allMatch(guide -> guide.text().contains("Xan"));
        Map<String, String> torn = new HashMap<>(agreeing);
        torn.put(second, "Zed.");
        assertThat(kept(asked, torn)).isEmpty();
    }

    private static List<CompositionalCase> kept(Questions asked, Map<String, String> script) {
        ScriptedModel model = new ScriptedModel(text -> script.getOrDefault(text, ""));
        return new ArrayList<>(
                SlowLabels.of(model, asked, 1, Onlooker.NOBODY).asked().suite().cases());
    }
}
