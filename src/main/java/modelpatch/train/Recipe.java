package modelpatch.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The configuration that a model was trained by, complete and in one place: training by it again gives the model again. */
final class Recipe {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS))
            .build();

    private Recipe() {}

    /** The configuration as YAML that {@link TrainingConfig#read} accepts, with the sentences in the file beside it. */
    static byte[] yaml(TrainingConfig config) throws IOException {
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
                        + YAML.writeValueAsString(beside);
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
