package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraAdapterTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path directory;

    /** W + B A summed in double as the definition of LoRA has it, from the files alone. */
    private static void addAdapter(Checkpoint adapter, String module, boolean transposed, double scale, double[] w) {
        String name = "base_model.model." + module;
        float[] a = read(adapter, name + ".lora_A.weight");
        float[] b = read(adapter, name + ".lora_B.weight");
        int rank = adapter.tensor(name + ".lora_A.weight").shape().get(0).intValue();
        int dIn = a.length / rank;
        int dOut = b.length / rank;
        for (int out = 0; out < dOut; out++) {
            for (int in = 0; in < dIn; in++) {
                for (int k = 0; k < rank; k++) {
                    w[transposed ? in * dOut + out : out * dIn + in] += scale * b[out * rank + k] * a[k * dIn + in];
                }
            }
        }
    }

    private static float[] read(Checkpoint checkpoint, String tensor) {
        float[] values = new float[(int) checkpoint.tensor(tensor).elements()];
        checkpoint.readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "phi3", "opt", "gpt_neox"})
    void basePlusAdapterIsThePatchedModelToRounding(String family) throws IOException {
        Path target = directory.resolve("adapter");
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            int rank = LoraAdapter.write(patched.checkpoint(), patched.stack(), target);
            JsonNode config = new ObjectMapper()
                    .readTree(target.resolve("adapter_config.json").toFile());
            assertThat(rank).isEqualTo(2);
            assertThat(config.get("peft_type").asText()).isEqualTo("LORA");
            assertThat(config.get("task_type").asText()).isEqualTo("CAUSAL_LM");
            assertThat(config.get("r").asInt()).isEqualTo(2);
            assertThat(config.get("lora_alpha").asInt()).isEqualTo(2);
            assertThat(config.get("fan_in_fan_out").asBoolean())
                    .isEqualTo(patched.base().storesTransposed());
            assertThat(config.get("target_modules")).hasSize(2);
            try (Checkpoint adapter = Checkpoint.open(target.resolve("adapter_model.safetensors"))) {
                assertThat(adapter.tensors()).hasSize(4);
                patched.weights().forEach((tensor, values) -> {
                    double[] sum = doubles(read(patched.checkpoint(), tensor));
                    String module = tensor.replace(".weight", "");
                    addAdapter(adapter, module, patched.base().storesTransposed(), 1, sum);
                    for (int i = 0; i < sum.length; i++) {
                        assertThat(values[i]).isEqualTo((float) sum[i]);
                    }
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "gpt2"})
    void anAdapterReadBackIsThePatchItCameFrom(String family) {
        Path target = directory.resolve("adapter");
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            LoraAdapter.write(patched.checkpoint(), patched.stack(), target);
            WeightPatch again = LoraReader.read(target, patched.checkpoint(), "Ada", "back", TIME);
            assertThat(again.deltas())
                    .containsExactlyElementsOf(patched.stack().patches().get(0).deltas());
            Map<String, float[]> weights = PatchStack.of(List.of(again)).weights(patched.checkpoint());
            weights.forEach((tensor, values) ->
                    assertThat(values).containsExactly(patched.weights().get(tensor)));
            assertThat(again.provenance().method()).isEqualTo("lora");
        }
    }

    @Test
    void aStackWithSelectedColumnsBecomesOneAdapter() {
        Path target = directory.resolve("adapter");
        try (Patched patched = Patched.open(Patched.conformance("llama"))) {
            Checkpoint base = patched.checkpoint();
            String tensor = patched.base().outputName(0);
            int rows = base.tensor(tensor).shape().get(0).intValue();
            int width = base.tensor(tensor).shape().get(1).intValue();
            Columns head = Columns.of(width, 8, 9, 10, 11);
            TensorDelta delta =
                    new TensorDelta(tensor, rows, head, 1, Orientation.OUT_IN, gaussian(rows), gaussian(head.count()));
            WeightPatch second = WeightPatch.of(base, patched.stack(), List.of(delta), SmallModel.provenance("second"));
            PatchStack both = patched.stack().with(second);
            assertThat(LoraAdapter.write(base, both, target)).isEqualTo(3);
            WeightPatch one = LoraReader.read(target, base, "Ada", "both", TIME);
            Map<String, float[]> expected = both.weights(base);
            PatchStack.of(List.of(one))
                    .weights(base)
                    .forEach((name, values) -> assertThat(values).containsExactly(expected.get(name)));
        }
    }

    @Test
    void scalesAndPatternsOfForeignAdaptersAreRead() throws IOException {
        Path adapter = Files.createDirectories(directory.resolve("adapter"));
        try (Patched patched = Patched.open(Patched.conformance("llama"))) {
            Checkpoint base = patched.checkpoint();
            String tensor = patched.base().outputName(1);
            String module = tensor.replace(".weight", "");
            int out = base.tensor(tensor).shape().get(0).intValue();
            int in = base.tensor(tensor).shape().get(1).intValue();
            SafetensorsWriter.write(
                    adapter.resolve("adapter_model.safetensors"),
                    Map.of(),
                    List.of(
                            OutgoingTensor.float32(
                                    "base_model.model." + module + ".lora_A.weight",
                                    List.of(2L, (long) in),
                                    gaussian(2 * in)),
                            OutgoingTensor.float32(
                                    "base_model.model." + module + ".lora_B.weight",
                                    List.of((long) out, 2L),
                                    gaussian(2 * out))));
            Files.writeString(adapter.resolve("adapter_config.json"), """
                    {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "bias": "none",
                     "rank_pattern": {"layers.1.self_attn.o_proj": 2}, "alpha_pattern": {"o_proj": 6}}""");
            WeightPatch patch = LoraReader.read(adapter, base, "Ada", "foreign", TIME);
            double[] sum = doubles(read(base, tensor));
            try (Checkpoint files = Checkpoint.open(adapter.resolve("adapter_model.safetensors"))) {
                addAdapter(files, module, false, 3, sum);
            }
            float[] found = PatchStack.of(List.of(patch)).weights(base).get(tensor);
            for (int i = 0; i < sum.length; i++) {
                assertThat((double) found[i]).isCloseTo(sum[i], within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"peft_type\": \"IA3\"}",
                "{\"use_dora\": true}",
                "{\"bias\": \"all\"}",
                "{\"modules_to_save\": [\"lm_head\"]}"
            })
    void whatIsMoreThanALoraIsRefused(String config) throws IOException {
        try (Patched patched = Patched.open(Patched.conformance("llama"))) {
            LoraAdapter.write(patched.checkpoint(), patched.stack(), directory.resolve("adapter"));
            Files.writeString(directory.resolve("adapter/adapter_config.json"), config);
            assertThatThrownBy(() ->
                            LoraReader.read(directory.resolve("adapter"), patched.checkpoint(), "Ada", "no", TIME))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("more than a LoRA");
        }
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() {
        Path target = directory.resolve("adapter");
        try (Patched llama = Patched.open(Patched.conformance("llama"));
                Patched gpt2 = Patched.open(Patched.conformance("gpt2"))) {
            LoraAdapter.write(llama.checkpoint(), llama.stack(), target);
            assertThatThrownBy(() -> LoraReader.read(target, gpt2.checkpoint(), "Ada", "no", TIME))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("does not fit the model");
        }
    }

    private static float[] gaussian(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * 0.1f;
        }
        return values;
    }
}
