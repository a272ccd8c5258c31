package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    @Test
    void aMachineThatBuildsTheProjectIsHealthy() {
        assertThat(patch("doctor").succeeded().out()).contains("engine  ok", "next: patch help");
    }

    @Test
    void theDocumentHoldsEveryCheck() {
        JsonNode document = patch("doctor", "--json").succeeded().json();
        assertThat(document.at("/healthy").asBoolean()).isTrue();
        assertThat(document.at("/checks").findValuesAsText("name"))
                .containsExactly("java", "cores", "memory", "engine");
    }

    @Test
    void moreThreadsThanCoresIsAVerdictOfNo() {
        CommandRun run = patch("doctor", "--threads", "4096");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("cores   no", "use --threads");
    }
}
