package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderTrainingTest {
    private static final DecoderTraining.Optimizer OPTIMIZER = new DecoderTraining.Optimizer(0.9, 0.98, 1e-8, 0.1, 1.0);

    @TempDir
    Path directory;

    @Test
    void aSmallModelLearnsASequenceByHeart() throws IOException {
        try (DecoderTraining training = DecoderTraining.create(config(), OPTIMIZER, 1, 1)) {
            double before = training.step(batch(), 1e-2).answer();
            double after = before;
            for (int step = 0; step < 60; step++) {
                after = training.step(batch(), 1e-2).answer();
            }
            assertThat(before).isCloseTo(Math.log(11), within(0.2)); // uniform over 11 tokens
            assertThat(after).isLessThan(0.1);
        }
    }

    @Test
    void anAuxiliaryTargetMovesTheLensOfItsLayer() throws IOException {
        try (DecoderTraining training = DecoderTraining.create(config(), OPTIMIZER, 1, 1)) {
            List<DecoderTraining.AuxiliaryTarget> targets =
                    List.of(new DecoderTraining.AuxiliaryTarget(1, 2, 0, 9, 0.5f));
            double before = 0;
            double after = 0;
            for (int step = 0; step < 60; step++) {
                DecoderTraining.Losses losses =
                        training.step(new DecoderTraining.Batch(batch().ids(), batch().weights(), targets), 1e-2);
                before = step == 0 ? losses.auxiliary() : before;
                after = losses.auxiliary();
            }
            assertThat(before).isCloseTo(0.5 * Math.log(11), within(0.2));
            assertThat(after).isLessThan(0.05);
        }
    }

    @Test
    void aResumedTrainingWritesTheBytesOfAnUninterruptedOne() throws IOException {
        Path whole = directory.resolve("whole");
        Path resumed = directory.resolve("resumed");
        Files.createDirectories(resumed);
        try (DecoderTraining training = DecoderTraining.create(config(), OPTIMIZER, 7, 1)) {
            for (int step = 0; step < 6; step++) {
                training.step(batch(), 3e-3);
                if (step == 2) {
                    training.save(resumed);
                }
            }
            training.writeCheckpoint(whole);
        }
        try (DecoderTraining training = DecoderTraining.resume(resumed, config(), OPTIMIZER, 1)) {
            assertThat(training.steps()).isEqualTo(3);
            while (training.steps() < 6) {
                training.step(batch(), 3e-3);
            }
            training.writeCheckpoint(resumed);
        }
        assertThat(resumed.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }

    @Test
    void aTrainedModelOpensAndSaysWhatItLearned() throws IOException {
        try (DecoderTraining training = DecoderTraining.create(config(), OPTIMIZER, 1, 1)) {
            for (int step = 0; step < 60; step++) {
                training.step(batch(), 1e-2);
            }
            training.writeCheckpoint(directory);
        }
        try (LanguageModel model =
                LanguageModel.open(directory, LoadOptions.defaults().withThreads(1))) {
            assertThat(model.generate(new int[0], List.of(new int[] {1, 2}), 3, ids -> false)
                            .get(0))
                    .containsExactly(3, 4, 5);
        }
    }

    private static DecoderTraining.Batch batch() {
        return new DecoderTraining.Batch(
                new int[][] {{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}}, new float[][] {{0, 1, 1, 1}, {1, 1, 1, 1}}, List.of());
    }

    private static JsonNode config() throws IOException {
        return new ObjectMapper().readTree("""
                        {"model_type": "llama", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
                         "num_key_value_heads": 2, "intermediate_size": 24, "vocab_size": 11, "max_position_embeddings": 16,
                         "rms_norm_eps": 1e-5, "hidden_act": "silu", "rope_theta": 10000.0, "tie_word_embeddings": true,
                         "initializer_range": 0.02}
                        """);
    }
}
