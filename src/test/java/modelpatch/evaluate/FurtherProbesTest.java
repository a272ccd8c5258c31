package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.TemplateSplit;
import org.junit.jupiter.api.Test;

class FurtherProbesTest {
    private static final EditProbes PROBES = new EditProbes(Form.CLOZE, TemplateSplit.TEST, 1, 3);
    private static final CompositionalCase EDITED = SmallWorld.one("Old Ardaman", "capital");
    private static final FurtherProbes FURTHER =
            new FurtherProbes(PROBES, List.of("{}", "It rained. {}", "At last. {}"));

    private static Set<String> asked() {
        return PROBES.of(SmallWorld.SUITE, List.of(EDITED), one -> true).stream()
                .map(probe -> probe.question().prompt())
                .collect(Collectors.toSet());
    }

    private static List<Probe> further(EditSet set) {
        return FURTHER.of(set, SmallWorld.SUITE, List.of(EDITED), asked(), Set.copyOf(SmallWorld.SUITE.cases()));
    }

    @Test
    void nothingIsAskedTwiceAndNothingOnEditTemplates() {
        for (EditSet set : EditSet.values()) {
            List<String> prompts = further(set).stream()
                    .map(probe -> probe.question().prompt())
                    .toList();
            assertThat(prompts).doesNotHaveDuplicates().doesNotContainAnyElementsOf(asked());
            assertThat(prompts).allMatch(prompt -> prompt.contains("By test"));
        }
    }

    @Test
    void theEditedPromptsAreAllThereAre() {
        assertThat(further(EditSet.CORRECTION)).isEmpty();
    }

    @Test
    void paraphrasesAndHopsComeAfterEveryTextAndThenAfterEveryTwo() {
        Query first = EDITED.compositions(TemplateSplit.TEST).get(0);
        List<String> prompts = further(EditSet.PARAPHRASE).stream()
                .map(probe -> probe.question().prompt())
                .toList();
        assertThat(prompts).hasSize(2 * (2 + 2)).startsWith("It rained. " + first.prompt());
        assertThat(prompts).contains("At last. It rained. " + first.prompt());
        assertThat(further(EditSet.PARAPHRASE)).allSatisfy(probe -> {
            String question = probe.question().prompt();
            String guide = probe.guide().orElseThrow().prompt();
            assertThat(guide).startsWith(question.substring(0, question.indexOf("By test")));
        });
        assertThat(further(EditSet.HOPS)).hasSize(4 * (2 + 2));
    }

    @Test
    void aTextThatHoldsTheAnswerIsNotPutBefore() {
        String answer = EDITED.answer();
        FurtherProbes telling = new FurtherProbes(PROBES, List.of("We saw " + answer + ". {}", "It rained. {}"));
        assertThat(telling.of(EditSet.PARAPHRASE, SmallWorld.SUITE, List.of(EDITED), Set.of(), Set.of()))
                .isNotEmpty()
                .noneMatch(probe -> probe.question().prompt().contains(answer));
    }

    @Test
    void neighboursAreAskedInEveryWordingBeforeSingleFactsAre() {
        List<Probe> relation = further(EditSet.SPECIFICITY_RELATION);
        Set<String> neighbours = SmallWorld.SUITE.sameRelations(EDITED).stream()
                .flatMap(one -> one.compositions(TemplateSplit.TEST).stream())
                .filter(query -> query.form() == Form.CLOZE)
                .map(Query::prompt)
                .collect(Collectors.toCollection(HashSet::new));
        neighbours.removeAll(asked());
        assertThat(relation.stream()
                        .limit(neighbours.size())
                        .map(probe -> probe.question().prompt()))
                .containsExactlyInAnyOrderElementsOf(neighbours);
        assertThat(relation.stream().skip(neighbours.size()))
                .isNotEmpty()
                .allMatch(
                        probe -> probe.id().contains(" capital ") || probe.id().contains(" home "))
                .noneMatch(probe -> probe.question().prompt().contains("Arda"));
    }

    @Test
    void factsAtRandomShareNothingWithTheEditedCase() {
        Set<String> compositions = SmallWorld.SUITE.cases().stream()
                .flatMap(one -> one.compositions().stream())
                .map(Query::prompt)
                .collect(Collectors.toSet());
        assertThat(further(EditSet.SPECIFICITY_RANDOM).stream()
                        .filter(probe -> !compositions.contains(probe.question().prompt())))
                .noneMatch(
                        probe -> probe.id().contains(" capital ") || probe.id().contains(" home "));
    }

    @Test
    void casesThatTogetherTouchEveryRelationStillLeaveFactsToAsk() {
        List<CompositionalCase> both = List.of(EDITED, SmallWorld.one("Delta Valley", "ends"));
        Set<String> hops = both.stream()
                .flatMap(one -> one.singleHops().stream().flatMap(List::stream))
                .map(Query::prompt)
                .collect(Collectors.toSet());
        List<Probe> facts = FURTHER.of(EditSet.SPECIFICITY_RANDOM, SmallWorld.SUITE, both, asked(), Set.of()).stream()
                .filter(probe -> probe.id().matches(".* (home|capital|flows|ends) .*"))
                .toList();
        assertThat(facts).isNotEmpty();
        assertThat(facts).noneMatch(probe -> hops.contains(probe.question().prompt()));
        // a river's fact is at random for the country's case, and the other way round
        assertThat(facts)
                .allSatisfy(probe -> assertThat(probe.id().matches(".* > .* (flows|ends) .*"))
                        .isEqualTo(probe.edited().equals(EDITED.id())));
    }

    @Test
    void aWordingWhoseGuideTheModelDoesNotAnswerDecidesNothing() {
        List<Probe> probes = PROBES.of(SmallWorld.SUITE, List.of(EDITED), one -> true);
        Probe mute = probes.stream()
                .filter(probe -> probe.set() == EditSet.PARAPHRASE)
                .findFirst()
                .orElseThrow();
        Map<String, String> says = new HashMap<>(SmallWorld.everything());
        says.put(mute.guide().orElseThrow().prompt(), "Nowhere.");
        Query primary = EDITED.primaryGuide();
        says.put(primary.prompt(), "Nowhere.");
        Knowledge knowledge = Knowledge.asking(new Examiner(
                new ScriptedModel(text -> says.getOrDefault(text, "")),
                Protocol.generated(FewShot.none(Form.CLOZE)),
                8));
        List<Probe> decidable = knowledge.decidable(probes);
        assertThat(decidable)
                .containsExactlyElementsOf(probes.stream()
                        .filter(probe -> probe.set() == EditSet.CORRECTION
                                || !probe.guide().equals(mute.guide()))
                        .toList());
        assertThat(decidable).as("the edited prompt itself stays").anyMatch(probe -> probe.set() == EditSet.CORRECTION);
    }
}
