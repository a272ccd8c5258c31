package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code patch find} as it stands, on the embedded model: one run, looked at from several sides. Only mediation is limited, for time. */
class DefaultFindTest {
    @TempDir
    static Path folder;

    private static JsonNode document;

    @BeforeAll
    static void find() {
        document = patch("find", "--max-mediated", 40, "--output", folder.resolve("findings.json"), "--json")
                .succeeded()
                .json();
    }

    private static List<JsonNode> failures() {
        return list(document.at("/failures"));
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    @Test
    void nearlyAllHopsAreKnownInAllTemplatesAndTheGapIsThatOfTheModelsCard() {
        JsonNode counts = document.at("/counts");
        assertThat(counts.at("/cases").asInt()).isEqualTo(1441);
        assertThat(counts.at("/known").asDouble() / counts.at("/cases").asInt()).isGreaterThanOrEqualTo(0.98);
        assertThat(document.at("/gap").asDouble()).isBetween(0.30, 0.60);
        assertThat(document.at("/gap_ci/0").asDouble())
                .isBetween(0.01, document.at("/gap").asDouble());
        assertThat(document.at("/trained_counts/cases").asInt()).isEqualTo(1777);
        assertThat(document.at("/trained_counts/gap").asDouble()).isLessThan(0.02);
        assertThat(document.at("/bare_counts").isNull()).isTrue();
    }

    @Test
    void everyFailureHasADiagnosisAndWhatItRestsOn() {
        assertThat(failures()).hasSize(document.at("/counts/failures").asInt());
        assertThat(failures()).allSatisfy(failure -> {
            assertThat(failure.at("/diagnosis").asText()).isNotEqualTo("undetermined by lens");
            assertThat(failure.at("/evidence/best_rank").asInt()).isPositive();
            assertThat(failure.at("/evidence/lens/bridge/token").asText()).isNotEmpty();
        });
        for (String side : List.of("choose", "report")) {
            assertThat(failures().stream()
                            .filter(one -> one.at("/side").asText().equals(side)
                                    && !one.at("/evidence/mediation").isNull()))
                    .hasSize(40);
        }
        assertThat(list(document.at("/wrong_answers")).stream().filter(one -> one.asInt() > 0))
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void aFewHeadsHoldTheEffectThatIsLeftAfterTheControl() {
        List<JsonNode> heads = list(document.at("/heads"));
        assertThat(heads).hasSize(24);
        double[] positive = heads.stream()
                .mapToDouble(head -> Math.max(0, head.at("/score").asDouble()))
                .toArray();
        assertThat(DoubleStream.of(positive).limit(4).sum()
                        / DoubleStream.of(positive).sum())
                .isGreaterThanOrEqualTo(0.60);
        JsonNode best = heads.get(0);
        assertThat(best.at("/score").asDouble())
                .isGreaterThan(best.at("/control").asDouble());
        assertThat(best.at("/ci/0").asDouble()).isPositive();
        assertThat(best.at("/necessity").asDouble()).isPositive();
    }

    @Test
    void theDiagnosisFindsWhatTrainingWithheld() {
        JsonNode report = document.at("/planted/report");
        assertThat(report.at("/first_hop/n").asInt()
                        + report.at("/second_hop/n").asInt())
                .isGreaterThanOrEqualTo(150);
        assertThat(report.at("/balanced_accuracy").asDouble()).isGreaterThanOrEqualTo(0.80);
        int counted = 0;
        for (JsonNode side : document.at("/planted")) {
            for (JsonNode byDiagnosis : side.at("/diagnoses")) {
                counted += list(byDiagnosis).stream().mapToInt(JsonNode::asInt).sum();
            }
        }
        assertThat(counted).isEqualTo(failures().size());
    }
}
