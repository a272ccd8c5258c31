package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Further architectures against the numbers of their golden.json, by their configuration in either spelling (src/test/resources/conformance2). */
class Conformance2Test {
    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("modelpatch.model.Conformance2#configurations")
    void everyNumberOfTheReferenceIsReproduced(String name, String config) throws IOException {
        Path folder = Conformance2.with(name, config, directory.resolve(name));
        try (LanguageModel model = LanguageModel.open(folder, LoadOptions.defaults())) {
            ReferenceNumbers.of(Conformance2.path(name)).areReproducedBy(model);
        }
    }

    @Test
    void layersThatOnlyGuessFurtherTokensArePassedOverAndNoOthers() throws IOException {
        Path name = Conformance2.path("glm4_moe");
        try (Checkpoint base = Checkpoint.open(name)) {
            write(base, "model.layers.2.eh_proj.weight", Conformance2.with("glm4_moe", "config.json", directory));
        }
        try (LanguageModel model = LanguageModel.open(directory, LoadOptions.defaults())) {
            ReferenceNumbers.of(name).areReproducedBy(model);
        }
        try (Checkpoint base = Checkpoint.open(name)) {
            write(base, "model.layers.3.eh_proj.weight", directory);
        }
        assertThatThrownBy(() -> LanguageModel.open(directory, LoadOptions.defaults()))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("not understood: model.layers.3.eh_proj.weight");
    }

    private static void write(Checkpoint base, String further, Path directory) {
        List<OutgoingTensor> tensors = new ArrayList<>();
        base.tensors().keySet().forEach(tensor -> tensors.add(OutgoingTensor.stored(base, tensor)));
        tensors.add(OutgoingTensor.float32(further, List.of(2L, 4L), new float[8]));
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of(), tensors);
    }
}
