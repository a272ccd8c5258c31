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
                .containsExactly("java", "cores", "memory", "engine", "default model", "gpu");
        assertThat(document.at("/checks/3/found").asText()).startsWith("PyTorch 2.7.1");
        assertThat(document.at("/checks/4/found").asText()).matches("its weights, (\\d+) of \\1 answers as .*");
    }

    @Test
    void aMachineWithoutAGpuIsHealthyAndSaysHowOneWouldBeUsed() {
        JsonNode gpu = patch("doctor", "--json").succeeded().json().at("/checks/5");
        assertThat(gpu.at("/passed").asBoolean()).isTrue();
        assertThat(gpu.at("/found").asText()).contains("PyTorch 2.7.1 with");
        if (gpu.at("/found").asText().contains("without CUDA")) {
            assertThat(gpu.at("/remedy").asText()).contains("PYTORCH_LIBRARY_PATH", "PYTORCH_FLAVOR");
        }
    }

    /** No machine has so many. */
    @Test
    void aGpuThatIsNotThereIsRefusedBeforeAnythingRuns() {
        patch("logits", "--model", "no such model", "--ids", "1", "--device", "gpu:999")
                .refused("--device gpu:999", "GPU", "; ");
    }

    @Test
    void moreThreadsThanCoresIsAVerdictOfNo() {
        CommandRun run = patch("doctor", "--threads", "4096");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).containsPattern("cores +no").contains("use --threads");
    }
}
