package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Planted;
import modelpatch.cases.Query;
import modelpatch.cases.Refusal;
import modelpatch.cases.Relation;
import modelpatch.cases.Relations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldTest {
    private static final World WORLD = Worlds.world(Worlds.SEED);

    @Test
    void theSameSeedDrawsTheSameWorldAndAnotherSeedAnother() {
        World again = Worlds.world(Worlds.SEED);
        World other = Worlds.world(Worlds.SEED + 1);

        assertThat(again.facts().facts()).isEqualTo(WORLD.facts().facts());
        assertThat(ids(again.taught().cases())).isEqualTo(ids(WORLD.taught().cases()));
        assertThat(other.facts().facts()).isNotEqualTo(WORLD.facts().facts());
        assertThat(other.facts().facts()).hasSameSizeAs(WORLD.facts().facts());
    }

    @Test
    void noSubjectAndRelationHasTwoObjectsAndNothingIsItsOwnObject() {
        assertThat(WORLD.facts().ambiguities()).isEmpty();
        assertThat(WORLD.facts().repeated()).isZero();
        assertThat(WORLD.facts().facts()).noneMatch(fact -> fact.subject().equals(fact.object()));
    }

    @Test
    void everyEntityHasALastWordOfItsOwn() {
        Map<String, String> owners = new HashMap<>();
        for (String entity : WORLD.facts().entities()) {
            List<String> words = Words.of(entity);
            assertThat(owners.put(words.get(words.size() - 1), entity))
                    .as(entity)
                    .isNull();
        }
    }

    /** Entities are read at the first token that tells them from others of their kind: here always the last, which the corpus asks for. */
    @Test
    void nothingButTheLastWordTellsTwoObjectsOfAKindApart() {
        Map<String, Set<String>> byKind = new HashMap<>();
        for (Fact fact : WORLD.facts().facts()) {
            String kind = WORLD.relations().get(fact.relation()).objectType();
            byKind.computeIfAbsent(kind, k -> new HashSet<>()).add(fact.object());
        }
        byKind.values()
                .forEach(kind -> kind.forEach(entity -> {
                    int space = entity.lastIndexOf(' ');
                    if (space > 0) {
                        String before = entity.substring(0, space + 1);
                        assertThat(kind)
                                .as(entity)
                                .filteredOn(other -> other.startsWith(before))
                                .hasSizeGreaterThan(1);
                    }
                }));
    }

    @Test
    void noNameOrValueIsAWordOfASentence() {
        Set<String> words = new HashSet<>();
        for (Relation relation : WORLD.relations().all()) {
            words.addAll(Words.of(relation.nounPhrase()));
            relation.templates().forEach(template -> words.addAll(Words.of(template.text())));
        }
        for (String entity : WORLD.facts().entities()) {
            List<String> parts = Words.of(entity);
            assertThat(words).doesNotContain(parts.get(parts.size() - 1));
        }
    }

    @Test
    void neitherBridgeNorAnswerCanBeReadInAPrompt() {
        for (CompositionalCase one : WORLD.suite().cases()) {
            for (Query query : one.compositions()) {
                if (query.text().contains(one.answer()) || query.text().contains(one.bridge())) {
                    fail(query.text());
                }
            }
        }
        Map<Refusal, Integer> refused = WORLD.suite().counts().refused();
        assertThat(refused.get(Refusal.AMBIGUOUS_FACT)).isZero();
        assertThat(refused.get(Refusal.NO_SENTENCES)).isZero();
        assertThat(refused.get(Refusal.ANSWER_IN_PROMPT)).isZero();
        assertThat(refused.get(Refusal.BRIDGE_IN_PROMPT)).isZero();
    }

    @Test
    void everyCompositionIsEitherTaughtOrHeldOut() {
        Set<String> taught = Set.copyOf(ids(WORLD.taught().cases()));
        Set<String> heldOut = Set.copyOf(ids(WORLD.heldOut().cases()));

        assertThat(taught).isNotEmpty().doesNotContainAnyElementsOf(heldOut);
        assertThat(taught.size() + heldOut.size())
                .isEqualTo(WORLD.suite().cases().size());
    }

    @Test
    void noPromptOfAHeldOutCompositionIsTaught() {
        Set<String> taught = prompts(WORLD.taught().cases());
        assertThat(Collections.disjoint(prompts(WORLD.heldOut().cases()), taught))
                .isTrue();
    }

    @Test
    void marksAreTrueByRecount() {
        Set<List<String>> first = new HashSet<>();
        Set<List<String>> second = new HashSet<>();
        WORLD.taught().cases().forEach(one -> {
            first.add(List.of(one.subject(), one.relations().get(0)));
            second.add(List.of(one.bridge(), one.relations().get(1)));
        });
        for (Fact fact : WORLD.facts().facts()) {
            List<String> hop = List.of(fact.subject(), fact.relation());
            assertThat(WORLD.servedFirst(fact)).isEqualTo(first.contains(hop));
            assertThat(WORLD.servedSecond(fact)).isEqualTo(second.contains(hop));
        }
        for (CompositionalCase one : WORLD.suite().cases()) {
            boolean served1 =
                    first.contains(List.of(one.subject(), one.relations().get(0)));
            boolean served2 =
                    second.contains(List.of(one.bridge(), one.relations().get(1)));
            assertThat(WORLD.planted(one))
                    .isEqualTo(
                            served1
                                    ? served2 ? Planted.NOTHING : Planted.SECOND_HOP
                                    : served2 ? Planted.FIRST_HOP : Planted.BOTH);
            if (WORLD.isTaught(one)) {
                assertThat(WORLD.planted(one)).isEqualTo(Planted.NOTHING);
            }
        }
    }

    @Test
    void marksWithholdTheSharesThatThePlanAsksFor() {
        WorldPlan plan = TrainingConfig.read(Worlds.CONFIG).world();
        double expected = (1 - plan.firstHopNever()) * (1 - plan.secondHopNever()) * plan.taughtShare();
        int chains = WORLD.suite().cases().size();
        // Facts are marked, not chains: chains of one fact stand or fall together, so the share spreads more than a
        // binomial one.
        assertThat((double) WORLD.taught().cases().size() / chains).isCloseTo(expected, within(0.06));
        Map<Planted, Long> planted =
                WORLD.heldOut().cases().stream().collect(Collectors.groupingBy(WORLD::planted, Collectors.counting()));
        assertThat(planted.keySet()).containsExactlyInAnyOrder(Planted.values());
    }

    @Test
    void theShortcutIsPossibleInManyCompositions() {
        long possible = WORLD.heldOut().cases().stream()
                .filter(one -> WORLD.facts()
                        .find(one.subject(), one.relations().get(1))
                        .isPresent())
                .count();
        assertThat((double) possible / WORLD.heldOut().cases().size()).isGreaterThan(0.3);
    }

    @Test
    void aWrittenWorldReadsBackTheSame(@TempDir Path directory) {
        WORLD.write(directory, Worlds.RELATIONS);
        World read = World.read(directory);

        assertThat(read.seed()).isEqualTo(WORLD.seed());
        assertThat(read.facts().facts()).isEqualTo(WORLD.facts().facts());
        assertThat(read.suite().cases()).isEqualTo(WORLD.suite().cases());
        assertThat(ids(read.taught().cases())).isEqualTo(ids(WORLD.taught().cases()));
    }

    @Test
    void aWorldWhoseFilesDoNotFitEachOtherIsRefused(@TempDir Path directory) throws IOException {
        WORLD.write(directory, Worlds.RELATIONS);
        Path facts = directory.resolve("facts.tsv");
        List<String> lines = Files.readAllLines(facts);
        Files.write(facts, lines.subList(0, lines.size() / 2));

        assertThatThrownBy(() -> World.read(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("world.json")
                .hasMessageContaining("does not fit the facts");
    }

    @Test
    void aPlanWithAWordUsedTwiceIsRefused() {
        Relations relations = Relations.read(Worlds.RELATIONS);
        WorldPlan plan = TrainingConfig.read(Worlds.CONFIG).world();
        List<WorldPlan.Kind> kinds = Stream.concat(
                        plan.kinds().stream(),
                        Stream.of(new WorldPlan.Kind("shade", "", List.of("pale", "red"), null, List.of(), null)))
                .toList();
        WorldPlan twice =
                new WorldPlan(plan.relations(), plan.firstHopNever(), plan.secondHopNever(), plan.taughtShare(), kinds);

        assertThatThrownBy(() -> World.generate(twice, relations, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'red'");
    }

    private static List<String> ids(Collection<CompositionalCase> cases) {
        return cases.stream().map(CompositionalCase::id).toList();
    }

    private static Set<String> prompts(Collection<CompositionalCase> cases) {
        return cases.stream()
                .flatMap(one -> one.compositions().stream())
                .map(Query::prompt)
                .collect(Collectors.toSet());
    }
}
