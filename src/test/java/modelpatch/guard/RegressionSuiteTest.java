package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegressionSuiteTest {
    private static final String WHOLE = """
            suite: capitals
            why: they were repaired
            protocol:
              kind: generated
              form: cloze
            budgets:
              drift_kl_max: 0.1
            must_change:
              correction:
                may_fail: 0.5
                cases:
                  - {id: one, prompt: "The capital is", answers: [Rome], before: Paris}
                  - {id: two, prompt: "The river is", answers: [Tiber, the Tiber]}
            must_stay:
              hops:
                cases:
                  - {id: one, prompt: "Rome is in", answers: [Italy]}
            """;

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("suite.yaml"), text);
    }

    @Test
    void aSuiteSaysWhatMustChangeAndWhatMustStayWithItsBudgets() throws IOException {
        RegressionSuite suite = RegressionSuite.read(file(WHOLE));
        assertThat(suite.name()).isEqualTo("capitals");
        assertThat(suite.limits()).isEqualTo(Map.of("drift_kl_max", 0.1));
        assertThat(suite.tolerance()).isEqualTo(1);
        assertThat(suite.protocol().identity()).startsWith("generated / bare cloze / 24 new tokens");
        assertThat(suite.sets())
                .extracting(GuardedSet::title)
                .containsExactly("must_change/correction", "must_stay/hops");
        assertThat(suite.sets()).extracting(GuardedSet::allowance).containsExactly(1, 0);
        assertThat(suite.sets().get(0).cases().get(0).before()).contains("Paris");
        assertThat(suite.sets().get(0).cases().get(1).answers()).containsExactly("Tiber", "the Tiber");
        assertThat(suite.size()).isEqualTo(3);
        assertThat(suite.baselineFile().getFileName()).hasToString("suite.baseline.json");
        assertThat(suite.digest()).hasSize(64);
    }

    @Test
    void whatIsWrittenReadsBackAsTheSame() {
        RegressionSuite suite = new RegressionSuite(
                folder.resolve("eval").resolve("odd.yaml"),
                "",
                "odd: # \"names\"",
                "because\nof two lines",
                Optional.of(new RegressionSuite.Base("m", "0".repeat(64))),
                new Protocol(Protocol.Kind.GENERATED, new FewShot("two", Form.QUESTION, List.of("Q: a?\nA: b")), 7),
                2.5,
                Optional.of(new RegressionSuite.DriftText(
                        Optional.of(folder.resolve("eval/canary.txt").toAbsolutePath()), List.of())),
                Map.of("seconds_max", 1.5),
                true,
                List.of(new GuardedSet(
                        "my own",
                        GuardedSet.Must.STAY,
                        0.25,
                        List.of(new GuardedCase("i'd", "Q: é?\nA:", List.of("{x}", "- y"), Optional.of(""))))));
        suite.write();
        RegressionSuite read = RegressionSuite.read(suite.file());
        assertThat(read).usingRecursiveComparison().ignoringFields("digest").isEqualTo(suite);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            suite: capitals | sweet: capitals | suite.yaml:1 | 'sweet'
            kind: generated | kind: scored | suite.yaml:4:9 | generated
            drift_kl_max: 0.1 | drift_max: 0.1 | suite.yaml:7 | drift_kl_max
            drift_kl_max: 0.1 | drift_kl_max: much | suite.yaml:7:17 | number
            may_fail: 0.5 | may_fail: 5 | suite.yaml:10:15 | between 0 and 1
            id: two | id: one | suite.yaml:13:14 | given twice
            answers: [Rome] | answers: [] | suite.yaml:12 | at least one accepted name
            answers: [Rome] | answer: Rome | suite.yaml:12 | 'answer'
            why: they were repaired | tolerance: 1 | suite.yaml:1:1 | why
            form: cloze | form: poem | suite.yaml:5:9 | cloze or question
            """)
    void whatIsWrongIsNamedByFileLineAndColumn(String right, String wrong, String where, String says)
            throws IOException {
        assertThat(WHOLE).contains(right);
        Path file = file(WHOLE.replaceFirst(java.util.regex.Pattern.quote(right), wrong));
        assertThatThrownBy(() -> RegressionSuite.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(where)
                .hasMessageContaining(says);
    }

    @Test
    void aSuiteWithoutCasesGuardsNothingAndIsRefused() throws IOException {
        Path file = file(WHOLE.substring(0, WHOLE.indexOf("must_change")));
        assertThatThrownBy(() -> RegressionSuite.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("must_stay");
    }
}
