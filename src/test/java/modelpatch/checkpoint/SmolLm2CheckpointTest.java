package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.stream.Collectors;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import org.junit.jupiter.api.Test;

/** The real model: 98 MB of Q4_1 and Q8_0. Its numbers are held by the model's own tests; here is what the file says of itself. */
@NeedsSmolLm2
class SmolLm2CheckpointTest {
    @Test
    void theFileIsTheCheckpointItWasMadeFrom() {
        try (Checkpoint checkpoint = Checkpoint.open(SharedModel.smolLm2())) {
            Map<TensorKind, Long> kinds = checkpoint.tensors().values().stream()
                    .collect(Collectors.groupingBy(TensorInfo::kind, Collectors.counting()));
            assertThat(kinds).isEqualTo(Map.of(TensorKind.Q4_1, 210L, TensorKind.F32, 61L, TensorKind.Q8_0, 1L));
            assertThat(checkpoint.tensors().values().stream()
                            .mapToLong(TensorInfo::elements)
                            .sum())
                    .isEqualTo(134_515_008);
            assertThat(checkpoint
                            .tensor("model.layers.29.self_attn.k_proj.weight")
                            .shape())
                    .containsExactly(192L, 576L);
            assertThat(checkpoint.config().path("rope_theta").asDouble()).isEqualTo(1e5);
            assertThat(checkpoint.config().path("rms_norm_eps").asDouble()).isEqualTo(1e-5);
            assertThat(checkpoint.config().path("tie_word_embeddings").asBoolean())
                    .isTrue();
            assertThat(checkpoint.tokenizerFile()).isPresent();
            assertThat(checkpoint.nonFinite()).isEmpty();
        }
    }

    @Test
    void decodingAllOfItTakesAtMostTwoSecondsOfOneCore() {
        var threads = ManagementFactory.getThreadMXBean();
        try (Checkpoint checkpoint = Checkpoint.open(SharedModel.smolLm2())) {
            FloatBuffer target = ByteBuffer.allocateDirect(4 * 49152 * 576)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            long start = threads.getCurrentThreadCpuTime();
            for (String name : checkpoint.tensors().keySet()) {
                checkpoint.readFloat32(name, target.clear());
            }
            double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
            assertThat(seconds).isLessThan(2);
        }
    }
}
