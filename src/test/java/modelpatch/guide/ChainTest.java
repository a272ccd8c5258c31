package modelpatch.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import modelpatch.cases.Fact;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import modelpatch.train.World;
import org.junit.jupiter.api.Test;

class ChainTest {
    private static final Query ASKED = new Template("t", Form.CLOZE, TemplateSplit.EDIT, "The home city of {} is")
            .fill("the author of the Book of Kalael");

    @Test
    void theAnswerOfAChainIsTheEndOfItsSecondSentence() {
        assertThat(Chain.answer("Selda Luldim. The home city of Selda Luldim is Narnmouth.", ASKED))
                .isEqualTo("Narnmouth");
        assertThat(Chain.isChain("Selda Luldim. The home city of Selda Luldim is Narnmouth.", ASKED))
                .isTrue();
        assertThat(Chain.answer(" Song. The home city of the Song is Narnmouth", ASKED))
                .isEqualTo("Narnmouth");
    }

    @Test
    void anythingElseAnswersAtOnce() {
        for (String text : List.of(
                "Lurvmouth.",
                "Lurvmouth. The home city of Selda Luldim is Narnmouth.",
                "Lurvmouth. The mayor of Lurvmouth is Selda Luldim.")) {
            assertThat(Chain.answer(text, ASKED)).isEqualTo("Lurvmouth");
            assertThat(Chain.isChain(text, ASKED)).isFalse();
        }
        assertThat(Chain.answer("", ASKED)).isEmpty();
    }

    @Test
    void twoSentencesAreEnough() {
        assertThat(Chain.finished("a. b")).isFalse();
        assertThat(Chain.finished("a. b.")).isTrue();
        assertThat(Chain.finished("a\nb")).isTrue();
    }

    /** What the guider is told of: the target's names, and nothing that is true in the target's world. */
    @Test
    void aRedrawnWorldHasTheNamesAndNoFactOfTheTargets() {
        World truth = World.read(Path.of("models", "default"));
        Map<List<String>, String> known = new HashMap<>();
        truth.facts().facts().forEach(fact -> known.put(List.of(fact.subject(), fact.relation()), fact.object()));
        RedrawnWorld drawn = new RedrawnWorld(truth, new SplittableRandom(1));
        Set<String> objects = new HashSet<>();
        assertThat(drawn.facts()).hasSameSizeAs(truth.facts().facts());
        for (Fact fact : drawn.facts()) {
            assertThat(fact.object()).isNotEqualTo(known.get(List.of(fact.subject(), fact.relation())));
            objects.add(fact.object());
        }
        assertThat(truth.facts().entities()).containsAll(objects);
        RedrawnWorld other = new RedrawnWorld(truth, new SplittableRandom(2));
        long same = 0;
        for (int i = 0; i < drawn.facts().size(); i++) {
            same += drawn.facts().get(i).equals(other.facts().get(i)) ? 1 : 0;
        }
        assertThat(same).as("as many as chance has it").isLessThan(drawn.facts().size() / 5);
    }

    @Test
    void aChainNamesTheBridgeAndAsksTheLastHopOfIt() {
        RedrawnWorld world = new RedrawnWorld(World.read(Path.of("models", "default")), new SplittableRandom(1));
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 50; i++) {
            RedrawnWorld.Said said = world.chain(random);
            String bridge = said.completion().substring(0, said.completion().indexOf('.'));
            assertThat(said.prompt()).doesNotContain(bridge);
            assertThat(said.completion().substring(bridge.length() + 1)).contains(bridge);
        }
    }

    @Test
    void shuffledChainsStandBehindQuestionsOfOtherRelations() {
        RedrawnWorld world = new RedrawnWorld(World.read(Path.of("models", "default")), new SplittableRandom(1));
        SplittableRandom random = new SplittableRandom(5);
        List<RedrawnWorld.Said> said = java.util.stream.Stream.generate(() -> world.chain(random))
                .limit(12)
                .toList();
        List<RedrawnWorld.Said> wrong = RedrawnWorld.shuffled(said, random);
        for (int i = 0; i < said.size(); i++) {
            int at = i;
            assertThat(wrong.get(i).prompt()).isEqualTo(said.get(i).prompt());
            assertThat(said.stream()
                            .filter(one -> one.completion().equals(wrong.get(at).completion()))
                            .map(RedrawnWorld.Said::relations))
                    .doesNotContain(said.get(i).relations());
        }
    }
}
