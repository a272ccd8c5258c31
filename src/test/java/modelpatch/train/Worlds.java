package modelpatch.train;

import java.nio.file.Path;
import java.util.List;
import modelpatch.cases.Relations;

/** The worlds that tests draw: the plan of the default model, under seeds that no shipped model has. */
final class Worlds {
    static final Path CONFIG = Path.of("configs", "default-model.yaml");
    static final Path RELATIONS = Path.of("configs", "world-relations.yaml");
    static final long SEED = 91;

    private Worlds() {}

    /** A run of a few steps on a few facts: it learns nothing, and takes a second. */
    static TrainingConfig tiny(long seed) {
        WorldPlan world = new WorldPlan(
                "world-relations.yaml",
                0.2,
                0.2,
                0.8,
                List.of(
                        new WorldPlan.Kind(
                                "country",
                                "",
                                List.of(),
                                new WorldPlan.Invented(3, List.of(), List.of("ia", "ora")),
                                List.of("capital", "colour"),
                                null),
                        new WorldPlan.Kind(
                                "city",
                                "",
                                List.of(),
                                new WorldPlan.Invented(3, List.of(), List.of("ton", "wick")),
                                List.of("colour"),
                                null),
                        new WorldPlan.Kind(
                                "resident",
                                "",
                                List.of(),
                                new WorldPlan.Invented(4, List.of("Arlo", "Mira"), List.of("en", "ock")),
                                List.of("country", "city"),
                                new WorldPlan.Some(1, List.of("colour"))),
                        new WorldPlan.Kind("colour", "", List.of("red", "blue", "green"), null, List.of(), null)));
        return new TrainingConfig(
                "tiny",
                seed,
                1,
                world,
                new TrainingConfig.Shape(2, 16, 2, 24, 48, 10_000),
                new TrainingConfig.Lessons(2, 24, 0.5, 0.02, 0.3, 0, 1.0),
                new TrainingConfig.Schedule(4e-3, 2, 0.05, 12, 6, 4),
                new StopRule(0.99, 0.99, 0.3, 0.6, 6, 4));
    }

    static World world(long seed) {
        return World.generate(TrainingConfig.read(CONFIG).world(), Relations.read(RELATIONS), seed);
    }
}
