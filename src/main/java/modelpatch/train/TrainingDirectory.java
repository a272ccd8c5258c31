package modelpatch.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.model.DecoderTraining;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;

/** The files of a run: what it keeps while it goes on, and what it leaves. */
final class TrainingDirectory {
    private static final String TOKENIZER = "tokenizer.json";
    private static final int GOLDEN_PROMPTS = 8;

    private final Path directory;

    TrainingDirectory(Path directory) {
        this.directory = directory;
    }

    /** What resuming needs; gone when the run is finished. */
    Path checkpoint() {
        return directory.resolve("checkpoint");
    }

    Path checkpointTokenizer() {
        return checkpoint().resolve(TOKENIZER);
    }

    /** {@code config.json}, in the manner of Hugging Face's llama. */
    ObjectNode modelConfig(TrainingConfig.Shape shape, int vocabularySize) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        return json.put("model_type", "llama")
                .put("hidden_size", shape.width())
                .put("num_hidden_layers", shape.layers())
                .put("num_attention_heads", shape.heads())
                .put("num_key_value_heads", shape.heads())
                .put("intermediate_size", shape.mlp())
                .put("hidden_act", "silu")
                .put("rms_norm_eps", 1e-5)
                .put("rope_theta", shape.ropeBase())
                .put("max_position_embeddings", shape.context())
                .put("vocab_size", vocabularySize)
                .put("tie_word_embeddings", true)
                .put("attention_bias", false)
                .put("mlp_bias", false)
                .put("initializer_range", 0.02)
                .put("bos_token_id", 0)
                .put("eos_token_id", 2)
                .put("torch_dtype", "float32");
    }

    /** Writes everything that a finished run leaves, weights last, and removes its checkpoint. */
    TrainedModel finish(World world, Path relationsFile, DecoderTraining training, TrainingHistory history) {
        TrainingConfig config = history.config();
        world.write(directory, relationsFile);
        AtomicFile.copy(checkpointTokenizer(), directory.resolve(TOKENIZER));
        AtomicFile.write(directory.resolve("recipe.yaml"), out -> out.write(Recipe.yaml(config)));
        AtomicFile.write(
                directory.resolve("loss.svg"),
                out -> out.write(LossPlot.svg(history).getBytes(StandardCharsets.UTF_8)));
        training.writeCheckpoint(directory);
        TrainedModel trained;
        LoadOptions options = LoadOptions.defaults().withThreads(config.threads());
        try (LanguageModel model = LanguageModel.open(directory, options)) {
            WorldExaminer examiner = new WorldExaminer(world, config.seed());
            trained = new TrainedModel(
                    directory, model.digest(), training.steps(), history.last().exam(), history.stopped());
            GoldenOutputs.of(model, world, GOLDEN_PROMPTS).write(directory);
            Portrait portrait = Portrait.of(
                    model,
                    world,
                    examiner,
                    world.heldOut().cases(),
                    config.lessons().auxiliaryLayer());
            TrainingRecord.of(history, trained, portrait).write(directory);
            String card = ModelCard.text(history, trained, world, model.parameters(), portrait);
            AtomicFile.write(directory.resolve("README.md"), out -> out.write(card.getBytes(StandardCharsets.UTF_8)));
        }
        removeCheckpoint();
        return trained;
    }

    private void removeCheckpoint() {
        try (Stream<Path> files = Files.list(checkpoint())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
            Files.delete(checkpoint());
        } catch (IOException e) {
            throw BadInput.of(checkpoint().toString(), "cannot be removed: " + e.getMessage())
                    .causedBy(e);
        }
    }
}
