package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.export.OnnxExport.Options;
import modelpatch.model.ConformanceFamilies;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxExportTest {
    /** Two float32 programs on small random models differ by rounding alone. */
    private static final Options STRICT = Options.defaults().withLimit(1e-5);

    @TempDir
    Path directory;

    static Stream<String> families() {
        return ConformanceFamilies.names();
    }

    private static Parity export(Patched patched, Path target, Options options) {
        ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
        return OnnxExport.write(patched.checkpoint(), patched.stack(), check, target, options);
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyFamilyRunsInOnnxRuntimeAsInTheEngine(String family) {
        Path target = directory.resolve(family);
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            Parity parity = export(patched, target, STRICT);
            assertThat(parity.ways())
                    .hasSize(4)
                    .allSatisfy(way -> assertThat(way.sameTop()).isEqualTo(way.positions()));
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(target.resolve("model.onnx")).exists();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyFamilyRunsSoOfFusedOperatorsToo(String family) throws IOException {
        Path target = directory.resolve(family);
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            Parity parity = export(patched, target, STRICT.withOperators(Operators.FUSED));
            assertThat(parity.holds()).as(parity.toString()).isTrue();
        }
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(target.resolve("model.onnx")));
        assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(23);
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .doesNotContain("ReduceMean")
                .contains(family.equals("gemma2") ? "Softmax" : "Attention"); // its scores are capped
    }

    @Test
    void tensorsBeyondTheLimitLieInASecondFileAndGiveTheSameNumbers() throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance("phi3"))) {
            Parity parity = export(patched, target, STRICT.withLargestFile(50_000));
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(Files.size(target.resolve("model.onnx"))).isLessThan(50_000);
            assertThat(Files.size(target.resolve("model.onnx_data"))).isGreaterThan(50_000);
        }
    }

    @Test
    void theFileSaysWhatIsInItAndBringsWhatRuntimesRead() throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance("qwen2"))) {
            export(patched, target, STRICT);
            try (OnnxModel model = OnnxModel.open(target, 1)) {
                assertThat(model.metadata())
                        .containsEntry("modelpatch.base_digest", patched.base().digest())
                        .containsEntry(
                                "modelpatch.digest",
                                patched.stack().digest(patched.base().digest()))
                        .hasEntrySatisfying(
                                "modelpatch.patches",
                                patches -> assertThat(patches)
                                        .contains(
                                                patched.stack().patches().get(0).id())
                                        .contains("\"verdict\":\"PASSED\""));
                assertThat(model.contextLength()).isEqualTo(patched.model().contextLength());
            }
        }
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "model.onnx",
                            "config.json",
                            "generation_config.json",
                            "genai_config.json",
                            "parity.json",
                            "modelpatch.json");
        }
        JsonNode generation = new ObjectMapper()
                .readTree(target.resolve("generation_config.json").toFile());
        assertThat(generation.path("eos_token_id").isInt()).isTrue();
    }

    @Test
    void initialisersAreTheCheckpointsOwnTensors() throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance("gpt2"))) {
            export(patched, target, STRICT);
            ModelProto model = ModelProto.parseFrom(Files.readAllBytes(target.resolve("model.onnx")));
            Map<String, TensorProto> written = model.getGraph().getInitializerList().stream()
                    .collect(Collectors.toMap(TensorProto::getName, tensor -> tensor));
            Map<String, float[]> edited = patched.weights();
            for (TensorInfo info : patched.checkpoint().tensors().values()) {
                TensorProto tensor = written.get(info.name());
                assertThat(tensor.getDimsList()).isEqualTo(info.shape());
                if (!edited.containsKey(info.name())) {
                    assertThat(tensor.getRawData().asReadOnlyByteBuffer())
                            .isEqualTo(patched.checkpoint().stored(info.name()));
                }
            }
            assertThat(model.getOpsetImportList())
                    .singleElement()
                    .satisfies(opset -> assertThat(opset.getVersion()).isEqualTo(20));
        }
    }

    @Test
    void answersAreTheEnginesBehindASharedPrefixToo() {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance("mistral"))) {
            export(patched, target, STRICT);
            int[] prefix = {3, 1, 4, 1, 5};
            List<int[]> prompts = patched.prompts();
            List<int[]> continuations = List.of(new int[] {9, 2}, new int[] {6}, new int[] {5, 3, 5}, new int[] {8});
            Predicate<int[]> stop = ids -> ids.length == 5;
            try (OnnxModel exported = OnnxModel.open(target, 1)) {
                assertThat(exported.generate(prefix, prompts, 9, stop))
                        .usingRecursiveComparison()
                        .isEqualTo(patched.model().generate(prefix, prompts, 9, stop));
                List<double[]> expected = patched.model().logProbabilities(prefix, prompts, continuations);
                List<double[]> found = exported.logProbabilities(prefix, prompts, continuations);
                for (int i = 0; i < prompts.size(); i++) {
                    assertThat(found.get(i)).containsExactly(expected.get(i), within(1e-5));
                    assertThat(exported.nextLogits(prefix, prompts).get(i))
                            .containsExactly(
                                    patched.model().nextLogits(prefix, prompts).get(i), within(1e-5f));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightForm.class,
            names = {"FP16", "BF16"})
    void sixteenBitMatricesAreHalfAsLargeAndAreJudgedByTheirBehaviour(WeightForm form) throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance("qwen3"))) {
            export(patched, directory.resolve("fp32"), STRICT);
            Parity parity = export(patched, target, STRICT.withForm(form));
            assertThat(parity.measure()).isEqualTo(Parity.Measure.KL_MEAN);
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.klMean()).isBetween(1e-12, 1e-3);
            assertThat(Files.size(target.resolve("model.onnx")))
                    .isLessThan(Files.size(directory.resolve("fp32/model.onnx")) * 2 / 3);
            assertThat(Files.readString(target.resolve("parity.json"))).contains("kl_mean");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void patchesThatStayApartShareOneFileOfBaseWeights(String family) throws IOException {
        Options apart = STRICT.withPatchesApart();
        Path base = directory.resolve("base");
        Path one = directory.resolve("one");
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            OnnxExport.writeUnproved(patched.checkpoint(), PatchStack.empty(), base, apart);
            Parity parity = export(patched, one, apart);
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(one.resolve("model.onnx_data")).hasSameBinaryContentAs(base.resolve("model.onnx_data"));
            Files.copy(one.resolve("model.onnx"), base.resolve("patched.onnx"));
            try (OnnxModel beside = OnnxModel.open(base.resolve("patched.onnx"), 1)) {
                ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
                Parity again = STRICT.parity(check, beside);
                assertThat(again.holds()).as(again.toString()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama_mha_untied", "gpt2", "phi3"})
    void eightBitMatricesBehaveAsTheFloatOnesAndRunInOnnxRuntime(String family) throws IOException {
        Path target = directory.resolve("out");
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            Parity parity = export(patched, target, STRICT.withForm(WeightForm.INT8));
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.klMean()).isBetween(1e-9, 1e-3);
            ModelProto model = ModelProto.parseFrom(Files.readAllBytes(target.resolve("model.onnx")));
            assertThat(model.getGraph().getNodeList())
                    .filteredOn(node -> node.getOpType().equals("MatMulNBits"))
                    .hasSizeGreaterThan(4 * patched.base().config().nLayers() - 1);
            assertThat(model.getOpsetImportList())
                    .anySatisfy(set -> assertThat(set.getDomain()).isEqualTo("com.microsoft"));
        }
    }
}
