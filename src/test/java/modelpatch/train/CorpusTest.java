package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Relation;
import modelpatch.model.DecoderTraining.AuxiliaryTarget;
import modelpatch.model.DecoderTraining.Batch;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    private static final World WORLD = Worlds.world(Worlds.SEED);
    private static final int STOP = 2;

    @TempDir
    static Path directory;

    private static Tokenizer tokenizer;
    private static Corpus corpus;

    @BeforeAll
    static void open() {
        Path file = directory.resolve("tokenizer.json");
        WordTokenizer.write(WordTokenizer.vocabulary(WORLD), file);
        tokenizer = Tokenizer.read(file);
        corpus = new Corpus(WORLD, tokenizer);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void everyFactIsTaughtInEveryTemplate() {
        List<Fact> facts = WORLD.facts().facts();
        assertThat(corpus.facts()).hasSameSizeAs(facts);
        for (int i = 0; i < facts.size(); i++) {
            Relation relation = WORLD.relations().get(facts.get(i).relation());
            assertThat(corpus.facts().get(i))
                    .hasSameSizeAs(relation.templates())
                    .hasSizeGreaterThanOrEqualTo(9);
            for (Lesson lesson : corpus.facts().get(i)) {
                assertThat(answer(lesson)).isEqualTo(facts.get(i).object() + ".");
                assertThat(lesson.phraseEnd()).isEqualTo(-1);
            }
        }
    }

    @Test
    void taughtCompositionsAndNoOthersAreTaughtInEveryTemplate() {
        List<CompositionalCase> taught = WORLD.taught().cases();
        assertThat(corpus.compositions()).hasSameSizeAs(taught);
        Set<String> sentences = new HashSet<>();
        for (int i = 0; i < taught.size(); i++) {
            assertThat(corpus.compositions().get(i)).hasSameSizeAs(taught.get(i).compositions());
            for (Lesson lesson : corpus.compositions().get(i)) {
                assertThat(answer(lesson)).isEqualTo(taught.get(i).answer() + ".");
                sentences.add(prompt(lesson));
            }
        }
        Set<String> heldOut = WORLD.heldOut().cases().stream()
                .flatMap(one -> one.compositions().stream())
                .map(query -> query.prompt().replace('\n', ' '))
                .collect(Collectors.toSet());
        assertThat(Collections.disjoint(sentences, heldOut)).isTrue();
    }

    @Test
    void theBridgeIsAskedForAtTheLastWordOfTheFirstHopsPhrase() {
        List<CompositionalCase> taught = WORLD.taught().cases();
        int notTheSubject = 0;
        for (int i = 0; i < taught.size(); i++) {
            CompositionalCase one = taught.get(i);
            String phrase = WORLD.relations()
                    .get(one.relations().get(0))
                    .describe(WORLD.names().inSentence(one.subject()));
            List<String> words = Words.of(phrase);
            List<String> bridge = Words.of(one.bridge());
            for (Lesson lesson : corpus.compositions().get(i)) {
                assertThat(tokenizer.token(lesson.ids()[lesson.phraseEnd()])).isEqualTo(words.get(words.size() - 1));
                assertThat(tokenizer.decode(Arrays.copyOf(lesson.ids(), lesson.phraseEnd() + 1)))
                        .endsWith(phrase);
                assertThat(tokenizer.token(lesson.bridge())).isEqualTo(bridge.get(bridge.size() - 1));
            }
            notTheSubject += phrase.endsWith(one.subject()) ? 0 : 1;
        }
        assertThat(notTheSubject).isPositive();
    }

    @Test
    void aStepIsTheSameEveryTimeAndUnlikeTheNext() {
        Sequences sequences = sequences(0.3, 1.0);
        assertThat(sequences.of(5).ids())
                .isDeepEqualTo(sequences(0.3, 1.0).of(5).ids());
        assertThat(sequences.of(5).auxiliary()).isEqualTo(sequences.of(5).auxiliary());
        assertThat(Arrays.deepEquals(sequences.of(5).ids(), sequences.of(6).ids()))
                .isFalse();
    }

    @Test
    void answersAndFullStopsWeighOneAndPromptsLittle() {
        Set<Integer> answers = new HashSet<>();
        WORLD.facts().facts().forEach(fact -> {
            for (int id : tokenizer.encodeContinuation(fact.object())) {
                answers.add(id);
            }
        });
        for (int step = 1; step <= 20; step++) {
            Batch batch = sequences(0.3, 1.0).of(step);
            for (int s = 0; s < batch.ids().length; s++) {
                assertThat(batch.ids()[s][0]).isZero();
                for (int t = 0; t < batch.weights()[s].length; t++) {
                    int next = batch.ids()[s][t + 1];
                    float weight = batch.weights()[s][t];
                    assertThat(weight).isIn(0.02f, 1f);
                    if (next == STOP) {
                        assertThat(weight).isOne();
                    }
                    if (weight == 1) {
                        assertThat(next == STOP || answers.contains(next)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void everyCompositionOfASequenceHasItsTargetAndNothingElseHasOne() {
        Batch batch = sequences(0.3, 1.0).of(3);
        assertThat(batch.auxiliary()).isNotEmpty();
        for (AuxiliaryTarget target : batch.auxiliary()) {
            int[] ids = batch.ids()[target.sequence()];
            int start = target.position();
            while (start > 1 && ids[start - 1] != STOP) {
                start--;
            }
            String sentence = tokenizer.decode(Arrays.copyOfRange(ids, start, target.position() + 1));
            assertThat(corpus.compositions().stream()
                            .flatMap(List::stream)
                            .filter(lesson -> lesson.bridge() == target.token())
                            .map(lesson -> tokenizer.decode(Arrays.copyOf(lesson.ids(), lesson.phraseEnd() + 1))))
                    .contains(sentence);
            assertThat(target.layer()).isEqualTo(1);
            assertThat(target.weight()).isEqualTo(0.3f);
        }
    }

    @Test
    void theAuxiliaryLossCanBeLeftOutWhollyOrForAPartOfTheCompositions() {
        int all = 0;
        int half = 0;
        int none = 0;
        for (int step = 1; step <= 40; step++) {
            all += sequences(0.3, 1.0).of(step).auxiliary().size();
            half += sequences(0.3, 0.5).of(step).auxiliary().size();
            none += sequences(0, 1.0).of(step).auxiliary().size();
        }
        assertThat(none).isZero();
        // Binomial with n of some 1,300: five standard deviations are below 0.07.
        assertThat((double) half / all).isBetween(0.43, 0.57);
    }

    private static Sequences sequences(double auxiliaryWeight, double auxiliaryShare) {
        return new Sequences(
                corpus, new TrainingConfig.Lessons(14, 72, 0.5, 0.02, auxiliaryWeight, 1, auxiliaryShare), 0, 4);
    }

    private static String answer(Lesson lesson) {
        return tokenizer.decode(Arrays.copyOfRange(lesson.ids(), lesson.answerStart(), lesson.ids().length));
    }

    private static String prompt(Lesson lesson) {
        return tokenizer.decode(Arrays.copyOf(lesson.ids(), lesson.answerStart()));
    }
}
