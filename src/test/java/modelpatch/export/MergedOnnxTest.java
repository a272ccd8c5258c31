package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import modelpatch.export.OnnxExport.Options;
import modelpatch.export.foreign.Rewritten;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A patched copy of an ONNX model: what it holds, what it says of itself, and that it is proved. */
class MergedOnnxTest {
    @TempDir
    Path directory;

    private Patched patched;

    @BeforeEach
    void open() {
        patched = Patched.open(Patched.conformance("llama"));
    }

    @AfterEach
    void close() {
        patched.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightForm.class,
            names = {"FP32", "FP16", "BF16"})
    void aPatchedFileIsTheFileOfThePatchedModelButForWhatItSaysOfItself(WeightForm form) throws IOException {
        Path plain = directory.resolve("plain");
        Path expected = directory.resolve("expected");
        Options options = Options.defaults().withForm(form);
        OnnxExport.writeUnproved(patched.checkpoint(), PatchStack.empty(), plain, options);
        OnnxExport.writeUnproved(patched.checkpoint(), patched.stack(), expected, options);
        ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
        MergedOnnx.Outcome outcome = MergedOnnx.of(patched.checkpoint(), patched.stack(), plain.resolve("model.onnx"))
                .write(directory.resolve("out"), Optional.of(check), options);
        List<Rewritten> rewritten = outcome.rewritten();
        assertThat(outcome.parity().orElseThrow().holds()).isTrue();
        assertThat(rewritten)
                .extracting(Rewritten::constant)
                .containsExactlyInAnyOrderElementsOf(patched.stack().tensors());
        ModelProto found = parse(directory.resolve("out/model.onnx"));
        assertThat(found.getGraph())
                .isEqualTo(parse(expected.resolve("model.onnx")).getGraph());
        byte[] given = Files.readAllBytes(plain.resolve("model.onnx"));
        assertThat(Files.size(directory.resolve("out/model.onnx"))).isGreaterThan(given.length);
        try (OnnxModel written = OnnxModel.open(directory.resolve("out"), 1);
                OnnxModel whole = OnnxModel.open(expected, 1)) {
            Map<String, String> said = new TreeMap<>(whole.metadata());
            said.put("modelpatch.proof", "parity.json");
            assertThat(written.metadata()).isEqualTo(said);
        }
        assertThat(directory.resolve("out/modelpatch.json")).content().contains("export");
    }

    @Test
    void aFileOfTheWrongPatchesFailsItsProofAndNothingIsWritten() {
        Path plain = directory.resolve("plain");
        OnnxExport.writeUnproved(patched.checkpoint(), PatchStack.empty(), plain, Options.defaults());
        ParityCheck unpatched = new ParityCheck(patched.base(), patched.prompts());
        MergedOnnx.Outcome outcome = MergedOnnx.of(patched.checkpoint(), patched.stack(), plain.resolve("model.onnx"))
                .write(directory.resolve("out"), Optional.of(unpatched), Options.defaults());
        assertThat(outcome.holds()).isFalse();
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private static ModelProto parse(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file));
    }
}
