package modelpatch.repair;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.FurtherProbes;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.ScriptedModel;
import modelpatch.evaluate.SmallWorld;
import modelpatch.evaluate.Tally;
import modelpatch.guard.GateEvidence;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;
import org.junit.jupiter.api.Test;

class FurtherEvidenceTest {
    private static final Protocol BARE = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final CompositionalCase EDITED = SmallWorld.one("Old Ardaman", "capital");
    private static final GateEvidence NOTHING =
            new GateEvidence(Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
    private static final FurtherProbes FURTHER = new FurtherProbes(
            new EditProbes(Form.CLOZE, TemplateSplit.TEST, 1, 3),
            List.of(
                    "{}",
                    "It rained. {}",
                    "At last. {}",
                    "So. {}",
                    "And. {}",
                    "Still. {}",
                    "Then. {}",
                    "Now. {}",
                    "Why. {}",
                    "Yes. {}"));

    /** Knows everything, whatever stands before the question; and fails the edited composition. */
    private static ScriptedModel model(boolean repaired, boolean forgetsHops) {
        Map<String, String> says = new HashMap<>(SmallWorld.everything());
        if (!repaired) {
            EDITED.compositions().forEach(query -> says.put(query.prompt(), "Bruno."));
        }
        if (forgetsHops) {
            EDITED.singleHops().get(0).forEach(query -> says.put(query.prompt(), "Nowhere."));
        }
        return new ScriptedModel(text -> says.entrySet().stream()
                .filter(entry -> text.endsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(""));
    }

    private static GateEvidence asked(ScriptedModel patched, Set<EditSet> open, int most, Gates gates) {
        Examiner before = new Examiner(model(false, false), BARE, 16);
        return new FurtherEvidence(before, new Examiner(patched, BARE, 16), Knowledge.asking(before), gates)
                .of(NOTHING, open, FurtherEvidenceTest::probes, most);
    }

    private static List<Probe> probes(EditSet set) {
        return FURTHER.of(set, SmallWorld.SUITE, List.of(EDITED), Set.of(), Set.copyOf(SmallWorld.SUITE.cases()));
    }

    private static GateResult.State state(GateEvidence evidence, String gate) {
        return Gates.DEFAULTS.judge(evidence).stream()
                .filter(result -> result.name().equals(gate))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void aRepairInEveryWordingIsProvedAndOneOfASingleSentenceIsRefuted() {
        Set<EditSet> open = Set.of(EditSet.PARAPHRASE);
        assertThat(state(asked(model(true, false), open, 600, Gates.DEFAULTS), "paraphrase_min"))
                .isEqualTo(GateResult.State.PASSED);
        assertThat(state(asked(model(false, false), open, 600, Gates.DEFAULTS), "paraphrase_min"))
                .isEqualTo(GateResult.State.FAILED);
    }

    @Test
    void aLostHopIsSeenAndAKeptOneIsProved() {
        Set<EditSet> open = Set.of(EditSet.HOPS);
        assertThat(state(asked(model(true, false), open, 600, Gates.DEFAULTS), "harm_hops_max"))
                .isEqualTo(GateResult.State.PASSED);
        assertThat(state(asked(model(true, true), open, 600, Gates.DEFAULTS), "harm_hops_max"))
                .isEqualTo(GateResult.State.FAILED);
    }

    @Test
    void noMoreIsAskedThanIsAllowedAndNotMuchMoreThanIsEnough() {
        assertThat(asked(model(true, false), Set.of(EditSet.HOPS), 5, Gates.DEFAULTS)
                        .sets()
                        .get(EditSet.HOPS)
                        .total())
                .isEqualTo(5);
        int enough = Gates.DEFAULTS.enough(EditSet.PARAPHRASE, Tally.NONE);
        assertThat(asked(model(true, false), Set.of(EditSet.PARAPHRASE), 600, Gates.DEFAULTS)
                        .sets()
                        .get(EditSet.PARAPHRASE)
                        .corrected()
                        .n())
                .isBetween((long) enough, enough + 64L);
    }

    /** 300 compositions, each of which has a guide, and after them 300 single facts. */
    private static List<Probe> manyProbes(EditSet set) {
        Question guide = question("What it leads to is");
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            String kind = i < 300 ? "composition " : "fact ";
            probes.add(new Probe(
                    set,
                    kind + i,
                    "case",
                    "bridge",
                    question(kind + i + " is"),
                    i < 300 ? Optional.of(guide) : Optional.empty()));
        }
        return probes;
    }

    private static Question question(String prompt) {
        return new Question(prompt, List.of("Right"), List.of(), List.of("Right"), List.of());
    }

    private static PairedOutcome random(Predicate<String> right, int most) {
        ScriptedModel model = new ScriptedModel(prompt -> right.test(prompt) ? "Right." : "Wrong.");
        Examiner before = new Examiner(model, BARE, 16);
        return new FurtherEvidence(before, new Examiner(model, BARE, 16), Knowledge.asking(before), Gates.DEFAULTS)
                .of(NOTHING, Set.of(EditSet.SPECIFICITY_RANDOM), FurtherEvidenceTest::manyProbes, most)
                .sets()
                .get(EditSet.SPECIFICITY_RANDOM);
    }

    @Test
    void aModelThatComposesNextToNothingIsAskedSingleFactsBeforeMoreCompositions() {
        assertThat(random(prompt -> prompt.startsWith("fact"), 200).kept().n()).isEqualTo(200 - 64);
        assertThat(random(prompt -> true, 200).kept().n()).isEqualTo(200);
        assertThat(random(prompt -> prompt.contains("7"), 600).total())
                .as("what waited is asked in the end")
                .isEqualTo(IntStream.range(0, 600)
                        .filter(i -> String.valueOf(i).contains("7"))
                        .count());
    }

    @Test
    void setsThatAreNotOpenAreNotAsked() {
        assertThat(asked(model(true, false), Set.of(EditSet.HOPS), 600, Gates.DEFAULTS)
                        .sets())
                .containsOnlyKeys(EditSet.HOPS);
    }

    @Test
    void onceASetSaysNoTheOthersAreNotAsked() {
        Set<EditSet> open = new LinkedHashSet<>(List.of(EditSet.PARAPHRASE, EditSet.HOPS));
        assertThat(asked(model(false, false), open, 600, Gates.DEFAULTS).sets()).containsOnlyKeys(EditSet.PARAPHRASE);
        assertThat(asked(model(true, false), open, 600, Gates.DEFAULTS).sets())
                .containsOnlyKeys(EditSet.PARAPHRASE, EditSet.HOPS);
    }

    @Test
    void whatThereIsAlreadyCounts() {
        GateEvidence some = NOTHING.plus(EditSet.HOPS, new PairedOutcome(1000, 0, 0, 0, 0));
        Examiner before = new Examiner(model(false, false), BARE, 16);
        List<EditSet> drawn = new ArrayList<>();
        GateEvidence same = new FurtherEvidence(
                        before, new Examiner(model(true, false), BARE, 16), Knowledge.asking(before), Gates.DEFAULTS)
                .of(
                        some,
                        Set.of(EditSet.HOPS),
                        set -> {
                            drawn.add(set);
                            return probes(set);
                        },
                        600);
        assertThat(same).isEqualTo(some);
        assertThat(drawn).hasSize(1);
    }
}
