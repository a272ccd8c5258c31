package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.engine.Device;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command understands. */
final class CommonOptions {
    @Mixin
    HelpManners manners;

    @Option(names = "--json", description = "print one JSON document on stdout, and nothing else")
    boolean json;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "a YAML file whose keys are long option names; what is typed wins over it")
    Path config;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "seed of everything random")
    long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "threads of the engine; they decide how long it takes, not what comes out (default: one per core)",
            showDefaultValue = Visibility.NEVER)
    Integer threads;

    @Option(
            names = "--device",
            paramLabel = "cpu|gpu[:N]",
            defaultValue = "cpu",
            converter = DeviceName.class,
            description =
                    "where models run: the processor, or a GPU of NVIDIA (gpu:1 is the second), which takes a library of its own: docs/howto/gpu.md")
    Device device;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            converter = MemorySize.class,
            description =
                    "refuse before starting what needs more than this, for example 1600M or 4G (default: no limit)",
            showDefaultValue = Visibility.NEVER)
    Long maxMemory;

    @Option(
            names = {"-v", "--verbose"},
            description = "say more on stderr; with an error, its stack trace")
    boolean verbose;

    @Option(
            names = {"-q", "--quiet"},
            description = "no progress and no remarks on stderr")
    boolean quiet;

    int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }
}
