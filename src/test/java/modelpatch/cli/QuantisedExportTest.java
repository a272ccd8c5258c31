package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import modelpatch.guard.GuardWorld;
import modelpatch.patch.PatchFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code patch export --onnx-in} on a file of {@code --weights int8}. */
class QuantisedExportTest {
    @TempDir
    Path folder;

    @Test
    void aQuantisedFileIsPatchedWhenAskedToAndPassesTheSuiteThatItFailedBefore() throws IOException {
        GuardWorld world = GuardWorld.at(folder.resolve("world"));
        Path given = folder.resolve("given");
        patch("export", "--model", world.model(), "--format", "onnx", "--weights", "int8", "--out", given)
                .succeeded();
        patch("guard", "run", "--onnx", given, "--base", world.model(), "--suite", world.suite())
                .exitsWith(1, "BROKEN");
        Path out = folder.resolve("out");
        Object[] export = {
            "export", "--model", world.model(), "--patch", world.goodPatch(), "--format", "onnx", "--out", out
        };
        Path model = given.resolve("model.onnx");
        patch(with(export, "--requantise")).refused("nothing to requantise");
        patch(with(export, "--onnx-in", given)).refused("found a directory");
        patch(with(export, "--onnx-in", model, "--operators", "fused")).refused("what a given file is made of");
        patch(with(export, "--onnx-in", model)).refused("--requantise");
        assertThat(out).doesNotExist();
        JsonNode written = patch(with(export, "--onnx-in", model, "--requantise", "--suite", world.suite(), "--json"))
                .succeeded()
                .json();
        assertThat(written.path("verdict").asText()).isEqualTo("passed");
        assertThat(written.path("rewritten")).isNotEmpty().allSatisfy(weight -> {
            assertThat(weight.at("/requantised/operator").asText()).isEqualTo("MatMulNBits");
            assertThat(weight.at("/requantised/relative_error").asDouble()).isBetween(1e-4, 0.05);
        });
        assertThat(written.at("/given/ways/0/kl_mean").asDouble()).isPositive();
        JsonNode guarded = patch(
                        "guard", "run", "--onnx", out, "--base", world.model(), "--suite", world.suite(), "--json")
                .succeeded()
                .json();
        assertThat(guarded.findValue("patches"))
                .singleElement()
                .isEqualTo(TextNode.valueOf(PatchFile.read(world.goodPatch()).id()));
    }

    private static Object[] with(Object[] first, Object... more) {
        Object[] all = Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }
}
