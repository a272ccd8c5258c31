package modelpatch.train;

import java.nio.file.Path;
import modelpatch.cases.Relations;

/** The worlds that tests draw: the plan of the default model, under seeds that no shipped model has. */
final class Worlds {
    static final Path CONFIG = Path.of("configs", "default-model.yaml");
    static final Path RELATIONS = Path.of("configs", "world-relations.yaml");
    static final long SEED = 91;

    private Worlds() {}

    static World world(long seed) {
        return World.generate(TrainingConfig.read(CONFIG).world(), Relations.read(RELATIONS), seed);
    }
}
