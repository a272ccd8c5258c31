package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code patch lens --cka}, on the embedded model. */
class CkaCommandTest {
    @TempDir
    Path folder;

    @Test
    void slowPromptsPartFromFastOnesMoreThanTheControlsDoAndThatLayerCarriesTheAnswer() throws IOException {
        Path plot = folder.resolve("cka.svg");
        JsonNode report = patch("lens", "--cka", "--max-cases", 60, "--plot", plot, "--json")
                .succeeded()
                .json();
        assertThat(report.at("/curves")).hasSize(3 * 2 * 5);
        JsonNode slow = curve(report, "residual", "last", "slow");
        assertThat(slow).hasSize(7);
        assertThat(slow.at("/6/value").asDouble()).isBetween(0.0, 1.0);
        for (JsonNode point : curve(report, "residual", "qmean", "permuted")) {
            assertThat(point.at("/value").asDouble()).isBetween(-0.3, 0.3);
        }
        JsonNode parting = report.at("/parting");
        assertThat(parting.at("/asked").asInt()).isPositive();
        assertThat(parting.at("/with_slow/successes").asInt())
                .isGreaterThan(parting.at("/with_format/successes").asInt());
        assertThat(Files.readString(plot)).startsWith("<svg").contains("debiased CKA", "permuted");
    }

    private static JsonNode curve(JsonNode report, String place, String position, String against) {
        for (JsonNode curve : report.at("/curves")) {
            if (List.of(place, position, against)
                    .equals(List.of(
                            curve.at("/place").asText(),
                            curve.at("/position").asText(),
                            curve.at("/against").asText()))) {
                return curve.at("/points");
            }
        }
        throw new AssertionError("no such curve");
    }

    @Test
    void wrongWishesAreRefused() {
        patch("lens").refused("what to read", "--prompt TEXT");
        patch("lens", "--prompt", "x").refused("what to read", "--targets TEXT");
        patch("lens", "--cka", "--drop-top-dims", 128).refused("no columns left", "0 to 127");
        patch("lens", "--cka", "--max-cases", 3).refused("too few questions");
        patch("lens", "--cka", "--slow", "chain", "--max-cases", 20).refused("nothing to put before the question");
    }
}
