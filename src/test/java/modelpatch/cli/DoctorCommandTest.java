package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    @Test
    void aMachineThatBuildsTheProjectIsHealthy() {
        assertThat(patch("doctor").succeeded().out()).contains("everything is as it should be");
    }

    @Test
    void theDocumentHoldsEveryCheck() {
        JsonNode document = patch("doctor", "--json").succeeded().json();
        assertThat(document.at("/healthy").asBoolean()).isTrue();
        assertThat(document.at("/checks").findValuesAsText("name"))
                .containsExactly("java", "cores", "memory", "engine", "default model");
        assertThat(document.at("/checks/3/found").asText()).startsWith("PyTorch 2.7.1");
        assertThat(document.at("/checks/4/found").asText()).matches("its weights, (\\d+) of \\1 answers as .*");
    }

    @Test
    void moreThreadsThanCoresIsAVerdictOfNo() {
        CommandRun run = patch("doctor", "--threads", "4096");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).containsPattern("cores +no").contains("use --threads");
    }
}
