package modelpatch.cases;

import static modelpatch.cases.Sentences.fact;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CompositionTest {
    private static final Relations RELATIONS = Sentences.relations("author", "home");

    @Test
    void aCompositionIsTheSecondRelationsTemplateFilledWithTheFirstRelationsNounPhrase() {
        CaseSuite suite = CaseSuite.compose(
                FactTable.of(List.of(fact("Misery", "author", "Stephen King"), fact("Stephen King", "home", "Maine"))),
                RELATIONS,
                EntityNames.none(),
                SuiteRecipe.twoHops(1));
        CompositionalCase one = suite.cases().get(0);
        assertThat(suite.cases()).hasSize(1);
        assertThat(one.id()).isEqualTo("author-home:misery");
        assertThat(one.bridge()).isEqualTo("Stephen King");
        assertThat(one.answer()).isEqualTo("Maine");
        assertThat(one.primary().text()).isEqualTo("By edit, the home of the author of Misery is");
        assertThat(one.primaryGuide().text()).isEqualTo("By edit, the home of Stephen King is");
        assertThat(one.compositions().get(1).text()).isEqualTo("The author of Misery has by edit as its home");
        assertThat(one.compositions())
                .allSatisfy(query ->
                        assertThat(query.text().substring(0, query.phraseEnd())).endsWith("author of Misery"));
    }
}
