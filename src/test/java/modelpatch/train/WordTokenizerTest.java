package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.AnswerMatch;
import modelpatch.evaluate.Verdict;
import modelpatch.tokenizer.Encoding;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordTokenizerTest {
    private static final World WORLD = Worlds.world(Worlds.SEED);

    @TempDir
    static Path directory;

    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        Path file = directory.resolve("tokenizer.json");
        WordTokenizer.write(WordTokenizer.vocabulary(WORLD), file);
        tokenizer = Tokenizer.read(file);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void everyPromptAndAnswerOfTheWorldIsMadeOfKnownWords() {
        int unknown = WordTokenizer.vocabulary(WORLD).indexOf(WordTokenizer.UNKNOWN);
        for (CompositionalCase one : WORLD.suite().cases()) {
            assertThat(tokenizer.encode(one.primary().prompt())).doesNotContain(unknown);
            assertThat(tokenizer.encodeContinuation(one.answer())).doesNotContain(unknown);
        }
        WORLD.relations()
                .all()
                .forEach(relation -> relation.templates()
                        .forEach(template -> assertThat(
                                        tokenizer.encode(template.fill("red").prompt()))
                                .doesNotContain(unknown)));
    }

    @Test
    void aTextBeginsWithTheBeginningMarkAndAContinuationDoesNot() {
        assertThat(tokenizer.encode("red")).hasSize(2).startsWith(0);
        assertThat(tokenizer.encodeContinuation("red")).hasSize(1).doesNotContain(0);
        assertThat(tokenizer.token(0)).isEqualTo(WordTokenizer.BEGINNING);
    }

    @Test
    void oneWordIsOneToken() {
        for (CompositionalCase one : WORLD.suite().cases().subList(0, 200)) {
            for (Query query : one.compositions()) {
                assertThat(tokenizer.encodeContinuation(query.prompt())).hasSameSizeAs(Words.of(query.prompt()));
            }
        }
    }

    @Test
    void sentencesDecodeAsTheyWereWritten() {
        for (CompositionalCase one : WORLD.suite().cases().subList(0, 200)) {
            for (Query query : one.compositions()) {
                String sentence = query.prompt() + " " + one.answer() + ".";
                assertThat(tokenizer.decode(tokenizer.encodeContinuation(sentence)))
                        .isEqualTo(sentence.replace('\n', ' '));
            }
        }
    }

    @Test
    void aDecodedAnswerIsJudgedRightByTheMatchingRule() {
        for (CompositionalCase one : WORLD.suite().cases()) {
            String continuation = tokenizer.decode(tokenizer.encodeContinuation(one.answer() + "."));
            assertThat(AnswerMatch.judge(continuation, one.answers())).isEqualTo(Verdict.RIGHT);
            assertThat(AnswerMatch.answer(continuation)).isEqualTo(one.answer());
        }
    }

    @Test
    void offsetsPointAtTheWordsOfTheText() {
        String text = "Q: Which country is the homeland of red?\nA:";
        Encoding encoding = tokenizer.encodeWithOffsets(text);
        List<String> words = Words.of(text);
        for (int i = 0; i < words.size(); i++) {
            assertThat(text.substring(encoding.starts()[i + 1], encoding.ends()[i + 1]))
                    .isEqualTo(words.get(i));
        }
    }

    @Test
    void aWordOfAnotherWorldIsUnknown() {
        assertThat(Arrays.stream(tokenizer.encodeContinuation("Paris")).boxed())
                .containsExactly(WordTokenizer.vocabulary(WORLD).indexOf(WordTokenizer.UNKNOWN));
    }
}
