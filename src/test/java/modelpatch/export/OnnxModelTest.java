package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.export.OnnxExport.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
    @TempDir
    Path directory;

    /** ONNX Runtime maps external data into memory for as long as its session is open. */
    private static boolean isMapped(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            String name = file.toRealPath().toString();
            return lines.anyMatch(line -> line.endsWith(name));
        }
    }

    @Test
    void aModelThatCannotBeOpenedLeavesNothingOpen() throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance("llama"))) {
            OnnxExport.writeUnproved(
                    patched.checkpoint(),
                    patched.stack(),
                    target,
                    Options.defaults().withLargestFile(0));
        }
        Path data = target.resolve("model.onnx_data");
        OnnxModel open = OnnxModel.open(target, 1);
        assertThat(isMapped(data)).isTrue();
        open.close();
        assertThat(isMapped(data)).isFalse();
        Files.writeString(target.resolve("config.json"), "{}");
        Files.delete(target.resolve("genai_config.json"));
        assertThatThrownBy(() -> OnnxModel.open(target, 1))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no context length");
        assertThat(isMapped(data)).isFalse();
    }
}
