package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import modelpatch.evaluate.WrongAnswer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {
    /** Ranks of the bridge after blocks 0 to 5; k is 10. */
    private static final String EVIDENCE = """
            # wrong answer  | lens  | l* | ranks               | diagnosis
            bridge          | true  | 3  | 900 800 700 1 1 1   | stops at the bridge
            bridge          | false | 3  | 900 800 700 600 5 5 | stops at the bridge
            shortcut        | true  | 3  | 900 10 1 1 1 1      | shortcut
            shortcut        | false | -  | 900 900 9 9 9 9     | shortcut
            other           | true  | 3  | 900 800 11 11 20 90 | bridge never formed
            nothing         | true  | -  | 900 800 11 11 20 90 | bridge never formed
            other_bridge    | true  | 3  | 900 800 700 11 10 9 | formed too late
            other_bridge    | true  | 3  | 900 800 700 10 90 9 | formed too late
            other_bridge    | true  | 3  | 900 800 10 70 90 99 | formed but not used
            subject         | true  | 3  | 10 800 700 600 90 9 | formed but not used
            other           | true  | -  | 900 800 700 600 90 1| formed but not used
            other           | false | 3  | 1 1 1 1 1 1         | undetermined by lens
            nothing         | false | -  | 900 800 700 600 90 9| undetermined by lens
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = EVIDENCE)
    void everyEvidenceHasItsClass(
            String wrongAnswer, boolean informative, String halfway, String ranks, String expected) {
        Diagnosis found = Diagnosis.of(
                WrongAnswer.of(wrongAnswer),
                threshold(informative),
                "-".equals(halfway) ? Optional.empty() : Optional.of(Integer.parseInt(halfway)),
                curve(Arrays.stream(ranks.strip().split(" +"))
                        .map(Integer::valueOf)
                        .toList()));
        assertThat(found.words()).isEqualTo(expected);
    }

    @Test
    void theEvidenceAboveMeetsEveryClass() {
        assertThat(Diagnosis.values())
                .filteredOn(diagnosis -> !EVIDENCE.contains("| " + diagnosis.words() + "\n"))
                .as("classes that no row of evidence leads to")
                .isEmpty();
    }

    @Test
    void everyClassStandsInTheDocuments() throws IOException {
        String documents = Files.readString(Path.of("docs", "formats", "findings.md"));
        assertThat(Diagnosis.values())
                .filteredOn(diagnosis -> !documents.contains("| " + diagnosis.words() + " |"))
                .as("classes that docs/formats/findings.md lacks")
                .isEmpty();
    }

    @Test
    void everyClassSaysWhatItMeansAndWhatToDo() {
        Set<String> words = new HashSet<>();
        for (Diagnosis diagnosis : Diagnosis.values()) {
            assertThat(words.add(diagnosis.words())).isTrue();
            assertThat(diagnosis.meaning()).isNotBlank();
            assertThat(diagnosis.remedies())
                    .as("remedies of '%s'", diagnosis.words())
                    .isNotEmpty()
                    .allSatisfy(remedy -> assertThat(remedy).isNotBlank());
            assertThat(Diagnosis.named(diagnosis.words())).isSameAs(diagnosis);
        }
    }

    private static LensThreshold threshold(boolean informative) {
        return new LensThreshold(
                20,
                Optional.of(10),
                OptionalDouble.of(0.8),
                OptionalDouble.of(informative ? 0.1 : 0.8),
                Optional.empty(),
                informative);
    }

    private static LensCurve curve(List<Integer> ranks) {
        List<Double> zeros = Collections.nCopies(ranks.size(), 0.0);
        return new LensCurve(ranks, zeros, zeros);
    }
}
