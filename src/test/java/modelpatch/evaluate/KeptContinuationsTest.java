package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import modelpatch.edit.TinyWorld;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptContinuationsTest {
    @TempDir
    Path folder;

    private final Protocol protocol = TinyWorld.protocol();

    private KeptContinuations opened(String model) {
        return KeptContinuations.in(folder.resolve("kept"), model, protocol);
    }

    private Path file() throws IOException {
        try (var files = Files.list(folder.resolve("kept"))) {
            return files.toList().get(0);
        }
    }

    @Test
    void whatWasWrittenIsThereForTheNextCommandOnTheSameModelAlone() {
        opened("one").keep(Map.of("line The capital of", new int[] {3, 0, 7}));
        assertThat(opened("one").of("line The capital of"))
                .hasValueSatisfying(ids -> assertThat(ids).containsExactly(3, 0, 7));
        assertThat(opened("one").of("sentence The capital of")).isEmpty();
        assertThat(opened("another").of("line The capital of")).isEmpty();
    }

    @Test
    void twoCommandsAtATimeAddToOneFile() {
        KeptContinuations first = opened("one");
        KeptContinuations second = opened("one");
        first.keep(Map.of("a", new int[] {1}));
        second.keep(Map.of("b", new int[] {2}));
        assertThat(opened("one").of("a")).isPresent();
        assertThat(opened("one").of("b")).isPresent();
    }

    @Test
    void damagedLinesCountAsAbsentAndTheOthersStay() throws IOException {
        opened("one").keep(Map.of("a", new int[] {1, 2}));
        String whole = Files.readString(file());
        Files.writeString(file(), whole.replace(" 1 2 ", " 1 3 ") + "no line\n\u00e9 \n" + whole.substring(0, 20));
        assertThat(opened("one").of("a")).isEmpty();
        Files.writeString(file(), "\n" + whole, StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
        assertThat(opened("one").of("a")).isPresent();
    }

    @Test
    void anExaminerThatFindsEverythingKeptAnswersAlikeWithoutRunningTheModel() throws IOException {
        TinyWorld world = TinyWorld.at(folder.resolve("world"));
        List<Question> questions = world.suite().cases().stream()
                .limit(12)
                .map(one -> Question.of(one.compositions().get(0), one.answers()))
                .toList();
        try (LanguageModel model = world.open()) {
            List<Reply> asked = new Examiner(model, protocol, 5).ask(questions);
            assertThat(new Examiner(model, protocol, 5, opened("one")).ask(questions))
                    .isEqualTo(asked);
            AnswerModel still = (AnswerModel) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {AnswerModel.class}, (proxy, method, arguments) -> {
                        assertThat(method.getName()).isNotEqualTo("generate");
                        return method.invoke(model, arguments);
                    });
            assertThat(new Examiner(still, protocol, 7, opened("one")).ask(questions))
                    .isEqualTo(asked);
        }
    }
}
