package modelpatch.cases;

import static modelpatch.cases.Sentences.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CompositionTest {
    private static final Relations RELATIONS = Sentences.relations("author", "home", "capital");
    private static final List<Fact> CHAIN = List.of(
            fact("Misery", "author", "Stephen King"),
            fact("Stephen King", "home", "Maine"),
            fact("Maine", "capital", "Augusta"));

    @Test
    void aCompositionIsTheSecondRelationsTemplateFilledWithTheFirstRelationsNounPhrase() {
        CompositionalCase one = only(SuiteRecipe.twoHops(1), CHAIN.subList(0, 2));
        assertThat(one.id()).isEqualTo("author-home:misery");
        assertThat(one.subject()).isEqualTo("Misery");
        assertThat(one.bridge()).isEqualTo("Stephen King");
        assertThat(one.answer()).isEqualTo("Maine");
        assertThat(one.primary().text()).isEqualTo("By edit, the home of the author of Misery is");
        assertThat(one.primaryGuide().text()).isEqualTo("By edit, the home of Stephen King is");
        assertThat(one.singleHops().get(0).get(0).text()).isEqualTo("By edit, the author of Misery is");
        assertThat(one.singleHops().get(1)).isEqualTo(one.guides());
    }

    @Test
    void longerChainsNestTheirNounPhrasesAndGuideFromTheLastBridge() {
        CompositionalCase one = only(new SuiteRecipe(3, 3, 1), CHAIN, 3);
        assertThat(one.id()).isEqualTo("author-home-capital:misery");
        assertThat(one.bridges()).containsExactly("Stephen King", "Maine");
        assertThat(one.primary().text()).isEqualTo("By edit, the capital of the home of the author of Misery is");
        assertThat(one.primaryGuide().text()).isEqualTo("By edit, the capital of Maine is");
    }

    @Test
    void aSingleHopIsItsOwnCompositionAndGuide() {
        CompositionalCase one = only(new SuiteRecipe(1, 1, 1), CHAIN.subList(0, 1));
        assertThat(one.compositions())
                .isEqualTo(one.guides())
                .isEqualTo(one.singleHops().get(0));
        assertThat(one.bridge()).isEqualTo(one.subject()).isEqualTo("Misery");
        assertThat(one.bridges()).isEmpty();
    }

    @Test
    void everyShippedCompositionIsItsTemplateFilledWithTheNounPhrase() {
        Shipped.twoHops().cases().forEach(one -> {
            Relation first = Shipped.relations().get(one.relations().get(0));
            Relation last = Shipped.relations().get(one.relations().get(1));
            String phrase = first.describe(Shipped.names().inSentence(one.subject()));
            String bridge = Shipped.names().inSentence(one.bridge());
            assertThat(one.compositions())
                    .isEqualTo(
                            last.templates().stream().map(t -> t.fill(phrase)).toList());
            assertThat(one.guides())
                    .isEqualTo(
                            last.templates().stream().map(t -> t.fill(bridge)).toList());
            assertThat(one.compositions().get(0).template()).isEqualTo(last.primary());
        });
    }

    @Test
    void thePhraseEndsWhereItsLastCharacterStands() {
        for (SuiteRecipe recipe : List.of(SuiteRecipe.twoHops(0), new SuiteRecipe(3, 3, 0))) {
            Shipped.suite(recipe).cases().forEach(one -> {
                String phrase = Shipped.names().inSentence(one.subject());
                for (String relation :
                        one.relations().subList(0, one.relations().size() - 1)) {
                    phrase = Shipped.relations().get(relation).describe(phrase);
                }
                for (Query query : one.compositions()) {
                    assertThat(query.text().substring(0, query.phraseEnd())).endsWithIgnoringCase(phrase);
                    assertThat(query.prompt().substring(0, query.promptPhraseEnd()))
                            .endsWithIgnoringCase(phrase);
                }
                for (Query query : one.guides()) {
                    assertThat(query.text().substring(0, query.phraseEnd())).endsWithIgnoringCase(one.bridge());
                }
            });
        }
    }

    @Test
    void guideAndCompositionShareEverythingOutsideTheSlot() {
        Shipped.twoHops().cases().forEach(one -> {
            for (int i = 0; i < one.compositions().size(); i++) {
                Query composition = one.compositions().get(i);
                Query guide = one.guides().get(i);
                assertThat(composition.template()).isEqualTo(guide.template());
                assertThat(composition.text().substring(composition.phraseEnd()))
                        .isEqualTo(guide.text().substring(guide.phraseEnd()));
                String before = composition.template().text().split("\\{\\}", -1)[0];
                assertThat(List.of(composition.text(), guide.text())).allMatch(text -> text.startsWith(before));
            }
        });
    }

    @Test
    void questionsReachAModelInTheirFrame() {
        CompositionalCase one = only(SuiteRecipe.twoHops(1), CHAIN.subList(0, 2));
        Query question = one.compositions().stream()
                .filter(query -> query.form() == Form.QUESTION)
                .findFirst()
                .orElseThrow();
        assertThat(question.prompt()).isEqualTo("Q: By edit, what is the home of the author of Misery?\nA:");
        assertThat(question.prompt().substring(0, question.promptPhraseEnd())).endsWith("author of Misery");
        assertThat(one.primary().prompt()).isEqualTo(one.primary().text());
    }

    @Test
    void protectedPromptsComeFromEditTemplatesOnly() {
        CompositionalCase one = only(SuiteRecipe.twoHops(1), CHAIN.subList(0, 2));
        assertThat(one.protectedPrompts())
                .isNotEmpty()
                .allMatch(query -> query.split() == TemplateSplit.EDIT)
                .doesNotContainAnyElementsOf(one.compositions());
    }

    @Test
    void idsTellSubjectsApartThatSpellAlike() {
        CaseSuite suite = compose(
                new SuiteRecipe(1, 1, 1), List.of(fact("AC/DC", "home", "Sydney"), fact("ac dc", "home", "Paris")));
        assertThat(suite.cases())
                .extracting(CompositionalCase::id)
                .doesNotHaveDuplicates()
                .allMatch(id -> id.startsWith("home:ac-dc~"));
    }

    @Test
    void aCaseRefusesHopsThatDoNotMeet() {
        CompositionalCase one = only(SuiteRecipe.twoHops(1), CHAIN.subList(0, 2));
        List<Fact> broken = List.of(CHAIN.get(0), CHAIN.get(2));
        assertThatThrownBy(() -> new CompositionalCase(
                        "x", broken, one.split(), one.compositions(), one.guides(), one.singleHops()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hop 2 starts at Maine, not at Stephen King");
    }

    private static CompositionalCase only(SuiteRecipe recipe, List<Fact> facts) {
        List<CompositionalCase> cases = compose(recipe, facts).cases();
        assertThat(cases).hasSize(1);
        return cases.get(0);
    }

    /** The one chain of this length, under the first seed that puts its bridges on one side. */
    private static CompositionalCase only(SuiteRecipe recipe, List<Fact> facts, int hops) {
        long seed = 0;
        while (compose(new SuiteRecipe(hops, hops, seed), facts).cases().isEmpty()) {
            seed++;
        }
        return only(new SuiteRecipe(recipe.fewestHops(), recipe.mostHops(), seed), facts);
    }

    private static CaseSuite compose(SuiteRecipe recipe, List<Fact> facts) {
        return CaseSuite.compose(FactTable.of(facts), RELATIONS, EntityNames.none(), recipe);
    }
}
