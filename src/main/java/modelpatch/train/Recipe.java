package modelpatch.train;

import java.nio.charset.StandardCharsets;
import modelpatch.document.RecordFile;

/** The configuration that a model was trained by, complete and in one place: training by it again gives the model again. */
final class Recipe {
    private Recipe() {}

    /** The configuration as YAML that {@link TrainingConfig#read} accepts, with the sentences in the file beside it. */
    static byte[] yaml(TrainingConfig config) {
        WorldPlan world = config.world();
        TrainingConfig beside = new TrainingConfig(
                config.name(),
                config.seed(),
                config.threads(),
                new WorldPlan(
                        WorldFiles.RELATIONS,
                        world.firstHopNever(),
                        world.secondHopNever(),
                        world.taughtShare(),
                        world.kinds()),
                config.model(),
                config.lessons(),
                config.schedule(),
                config.stop());
        String text =
                "# What this model was trained by, resolved; configs/default-model.yaml says what the keys mean.\n"
                        + RecordFile.yaml(beside);
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
