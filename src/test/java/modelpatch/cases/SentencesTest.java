package modelpatch.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The sentences that the repository ships, over all facts of the facts file. */
class SentencesTest {
    private static final Pattern CLUMSY =
            Pattern.compile("\\b([Tt]he [Tt]he|[Aa]n? the|the an?|an? an?|of of|is is|in in) |  |\\{|\\}");

    @Test
    void everyRelationOfTheFactsHasSentences() {
        Set<String> relations = new HashSet<>();
        Shipped.facts().facts().forEach(fact -> {
            relations.add(fact.relation());
            assertThat(Shipped.relations().get(fact.relation()).label()).isEqualTo(fact.relationLabel());
        });
        assertThat(relations).hasSize(35);
        assertThat(Shipped.relations().all()).hasSize(37);
    }

    @Test
    void everyRelationHasEnoughSentencesInEverySplit() {
        assertThat(Shipped.relations().all()).allSatisfy(relation -> {
            for (TemplateSplit split : TemplateSplit.values()) {
                assertThat(relation.templates(split, Form.CLOZE)).hasSizeGreaterThanOrEqualTo(2);
                assertThat(relation.templates(split, Form.QUESTION)).isNotEmpty();
            }
            assertThat(relation.templates()).hasSizeGreaterThanOrEqualTo(12);
        });
    }

    @Test
    void noSentenceServesTwoSplitsOrTwoRelations() {
        Map<String, String> first = new HashMap<>();
        for (Relation relation : Shipped.relations().all()) {
            for (Template template : relation.templates()) {
                String other = first.putIfAbsent(template.text().toLowerCase(Locale.ROOT), template.id());
                assertThat(other)
                        .as("%s says the same as %s", template.id(), other)
                        .isNull();
            }
        }
    }

    @Test
    void inPrimaryClozesThePhraseEndsRightBeforeIs() {
        assertThat(Shipped.relations().all()).allSatisfy(relation -> {
            assertThat(relation.primary().text()).matches("The .+ \\{\\} is( .+)?");
            assertThat(relation.nounPhrase()).startsWith("the ");
        });
    }

    @Test
    void clozesEndInAWordAndQuestionsInAQuestionMark() {
        Shipped.relations()
                .all()
                .forEach(relation -> relation.templates().forEach(template -> {
                    String ending = template.form() == Form.CLOZE ? ".*\\p{L}" : ".*\\?";
                    assertThat(template.text()).matches(ending).matches("(\\{\\}|\\p{Lu}).*");
                    assertThat(template.text())
                            .as("a or an before an answer gives half of it away")
                            .doesNotEndWith(" a");
                    assertThat(template.text()).doesNotEndWith(" an").doesNotEndWith(" the");
                }));
    }

    @Test
    void everyPromptReadsAsASentence() {
        for (int hops = 2; hops <= 3; hops++) {
            Shipped.suite(new SuiteRecipe(hops, hops, 0))
                    .cases()
                    .forEach(one -> prompts(one).forEach(query -> {
                        assertThat(CLUMSY.matcher(query.text()).find())
                                .as(query.text())
                                .isFalse();
                        char first = query.text().charAt(0);
                        assertThat(Character.isUpperCase(first)
                                        || Character.isDigit(first)
                                        || query.text().startsWith("tvOS"))
                                .as(query.text())
                                .isTrue();
                    }));
        }
    }

    @Test
    void namesInSentencesEndWithTheNameItself() {
        Shipped.names()
                .entities()
                .forEach(
                        entity -> assertThat(Shipped.names().inSentence(entity)).endsWith(entity));
    }

    @Test
    void everyNamedEntityIsInTheFactsAndNoAliasIsAnotherEntity() {
        Set<String> entities = Shipped.facts().entities();
        Shipped.names().entities().forEach(entity -> {
            assertThat(entities).contains(entity);
            assertThat(Shipped.names().aliases(entity)).noneMatch(entities::contains);
        });
        assertThat(Shipped.names().aliases("United States of America")).contains("United States", "USA", "America");
    }

    @Test
    void noAnswerOrBridgeCanBeReadInAPromptThatAsksForIt() {
        Shipped.twoHops().cases().forEach(one -> {
            for (Query query : prompts(one)) {
                boolean asksForBridge = one.singleHops().get(0).contains(query);
                boolean guides = one.guides().contains(query);
                assertThat(asksForBridge
                                || Mentions.firstReadable(one.answers(), query.text())
                                        .isEmpty())
                        .as("%s in: %s", one.answers(), query.text())
                        .isTrue();
                assertThat(guides
                                || Mentions.firstReadable(one.hops().get(0).answers(), query.text())
                                        .isEmpty())
                        .as("%s in: %s", one.bridge(), query.text())
                        .isTrue();
            }
        });
    }

    @Test
    void demonstrationsGiveNothingAway() {
        assertThat(Shipped.fewShot()).hasSize(2).allSatisfy(pool -> {
            assertThat(pool.usual().demonstrations()).hasSize(7);
            assertThat(pool.usual().leaks(Shipped.facts(), Shipped.names())).isEmpty();
            assertThat(pool.tellingNothingOf(Shipped.facts(), Shipped.names())).isEqualTo(pool.usual());
        });
    }

    @Test
    void demonstrationsAreDrawnFromSeventyDifferentOnesInBothForms() {
        assertThat(Shipped.fewShot())
                .allSatisfy(pool -> assertThat(
                                pool.choices().stream().flatMap(List::stream).distinct())
                        .hasSize(70));
    }

    @Test
    void factsThatNameKenyaAndToyotaHaveOtherDemonstrations() {
        FactTable world = FactTable.read(Path.of("src/test/resources/facts/world-facts.tsv"));
        assertThat(Shipped.fewShot()).allSatisfy(pool -> {
            FewShot chosen = pool.tellingNothingOf(world, Shipped.names());
            assertThat(pool.usual().leaks(world, Shipped.names())).isNotEmpty();
            assertThat(chosen.leaks(world, Shipped.names())).isEmpty();
            assertThat(chosen.demonstrations()).hasSize(7).doesNotHaveDuplicates();
        });
    }

    @Test
    void demonstrationsLookLikeTheClozesThatTheyPrepareFor() {
        FewShotPool clozes = Shipped.fewShot().get(0);
        List<String> openings = Shipped.relations().all().stream()
                .map(relation -> relation.primary().text().replaceFirst("\\{\\}.*", ""))
                .toList();
        assertThat(clozes.form()).isEqualTo(Form.CLOZE);
        assertThat(clozes.choices().stream().flatMap(List::stream)).allSatisfy(one -> {
            assertThat(openings).anyMatch(one::startsWith);
            assertThat(one).contains(" is ").endsWith(".");
        });
        FewShot usual = clozes.usual();
        assertThat(usual.text().lines()).containsExactlyElementsOf(usual.demonstrations());
        assertThat(usual.text()).endsWith(".\n");
    }

    private static List<Query> prompts(CompositionalCase one) {
        Set<Query> prompts = new HashSet<>(one.compositions());
        prompts.addAll(one.guides());
        one.singleHops().forEach(prompts::addAll);
        return List.copyOf(prompts);
    }
}
