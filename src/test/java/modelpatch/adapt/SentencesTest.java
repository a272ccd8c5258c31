package modelpatch.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import modelpatch.BadInput;
import modelpatch.model.AdapterTraining.Sequence;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a model reads, and what it is to predict of it; with the words of the default model. */
class SentencesTest {
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.read(Path.of("models", "default", "tokenizer.json"));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private static List<Lesson> lessons() {
        List<Lesson> lessons = new ArrayList<>();
        for (String[] one : new String[][] {{"Noldia", "chess"}, {"Skornora", "golf"}, {"Treravia", "tennis"}}) {
            lessons.add(new Lesson(
                    Level.Source.DEMONSTRATION,
                    one[0],
                    "home-sport",
                    ScopeTest.one(one[0], "x", one[1], "country", "sport").compositions(),
                    one[1]));
        }
        return lessons;
    }

    /** The tokens that are learned, as text. */
    private static String learned(Sequence sequence) {
        List<Integer> ids = new ArrayList<>();
        for (int t = 0; t < sequence.ids().length; t++) {
            if (sequence.importance()[t] > 0) {
                ids.add(sequence.ids()[t]);
            }
        }
        return tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    @Test
    void everyAnswerAndItsFullStopAreLearnedAndNoWordOfAQuestion() {
        Sequence all = new Sentences(tokenizer, 256).drawn(lessons(), AdaptRecipe.Loss.ALL, new SplittableRandom(1));
        assertThat(learned(all).replace(".", "").split("\\s+")).containsExactlyInAnyOrder("chess", "golf", "tennis");
        assertThat(learned(all).chars().filter(c -> c == '.').count()).isEqualTo(3);
    }

    @Test
    void withTheLastLossOnlyTheLastAnswerIsLearned() {
        Sequence all = new Sentences(tokenizer, 256).drawn(lessons(), AdaptRecipe.Loss.ALL, new SplittableRandom(1));
        Sequence last = new Sentences(tokenizer, 256).drawn(lessons(), AdaptRecipe.Loss.LAST, new SplittableRandom(1));
        assertThat(last.ids()).isEqualTo(all.ids());
        assertThat(learned(all)).endsWith(learned(last)).isNotEqualTo(learned(last));
        assertThat(learned(last)).matches("\\w+\\.");
    }

    @Test
    void ordersDifferFromDrawToDrawAndAreTheSameUnderOneSeed() {
        Sentences sentences = new Sentences(tokenizer, 256);
        SplittableRandom random = new SplittableRandom(1);
        List<String> orders = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            orders.add(learned(sentences.drawn(lessons(), AdaptRecipe.Loss.ALL, random)));
        }
        assertThat(orders.stream().distinct().count()).isGreaterThan(3);
        assertThat(learned(sentences.drawn(lessons(), AdaptRecipe.Loss.ALL, new SplittableRandom(1))))
                .isEqualTo(orders.get(0));
    }

    @Test
    void whatTheContextCannotHoldIsRefused() {
        assertThatThrownBy(() ->
                        new Sentences(tokenizer, 10).drawn(lessons(), AdaptRecipe.Loss.ALL, new SplittableRandom(1)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("demonstrations beyond the context");
    }
}
