package modelpatch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.evaluate.Replica;
import modelpatch.guard.NodeModel;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.Policy;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.PatchStore;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which model a command works on. */
final class ModelOptions {
    static final String EMBEDDED = "default";

    /** Stands for the patches that are on. */
    private static final String ACTIVE = "@active";

    /** An organisation and a model, as hubs name them. */
    private static final String HUB_NAME = "[\\w.-]+/[\\w.-]+";

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = EMBEDDED,
            description = "a checkpoint folder, a GGUF file, or the name of a folder under models/")
    String model;

    @Option(names = "--allow-nan", description = "go on with weights that are not finite")
    boolean allowNan;

    @Option(
            names = "--patch",
            paramLabel = "FILE",
            arity = "1..*",
            description =
                    "patch files to put on the model, lowest first; @active for those that the ledger in --patches, or else in patches/, says"
                            + " are on, @active=DIR for those of the ledger in DIR")
    List<Path> patches = List.of();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "what a patch must have to be put on (default: configs/policy.yaml of this project)")
    Path policy;

    /** Opens the model with its patches; says beforehand, as a remark, what memory it needs. */
    PatchedModel open(Subcommand command) {
        Path path = path();
        PatchStack stack = stack(command);
        stack.stale()
                .forEach(patch -> command.remark(patch + " was made on patches that are not below it here;"
                        + " its evidence does not speak of this stack"));
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            command.remark(checkpoint.name() + ": needs about "
                    + MemorySize.text(LanguageModel.memoryNeeded(checkpoint)) + " of memory");
        }
        Long limit = command.common.maxMemory;
        LanguageModel base = LanguageModel.open(
                path, new LoadOptions(command.common.threads(), allowNan, limit == null ? 0 : limit));
        return PatchedModel.of(base, stack);
    }

    /** Another model, without the patches of this one. */
    ModelOptions another(String name) {
        ModelOptions other = new ModelOptions();
        other.model = name;
        other.allowNan = allowNan;
        other.policy = policy;
        return other;
    }

    /** Whether the model is one of those under models/. */
    boolean embedded() {
        return path().startsWith(Installation.here().models());
    }

    /** The patches, once the policy has let them pass. */
    PatchStack stack(Subcommand command) {
        PatchStack stack = PatchStack.read(patchFiles(command));
        command.runs(stack);
        if (!stack.isEmpty()) {
            Path rules = policy == null ? Installation.here().policy() : policy;
            Policy.read(rules).require(stack, command.terminal.clock().instant());
            stack.patches().stream()
                    .filter(patch -> patch.reading().isEmpty())
                    .forEach(patch -> command.remark(patch + " does not say for which configuration (config.json) and"
                            + " tokenizer it was made; the tensors are compared, these are not"));
        }
        return stack;
    }

    private List<Path> patchFiles(Subcommand command) {
        return patches.stream().flatMap(named -> files(named, command)).toList();
    }

    /** Where other machines find the model that was opened. */
    Replica replica(PatchedModel opened, Subcommand command) {
        List<Path> files = opened.stack().isEmpty() ? List.of() : patchFiles(command);
        return NodeModel.of(opened, files, allowNan);
    }

    private Stream<Path> files(Path named, Subcommand command) {
        String name = named.toString();
        if (!name.equals(ACTIVE) && !name.startsWith(ACTIVE + "=")) {
            return Stream.of(named);
        }
        Path directory = name.equals(ACTIVE) ? store(command) : Path.of(name.substring(ACTIVE.length() + 1));
        if (!Files.isDirectory(directory)) {
            throw new BadInput(
                    "nothing says which patches are on",
                    "--patch " + name,
                    "a folder of patches with its ledger",
                    "nothing at " + directory,
                    "name the folder: --patch " + ACTIVE + "=DIR");
        }
        try (Checkpoint checkpoint = Checkpoint.open(path())) {
            PatchStore store = PatchStore.at(directory, command.terminal.clock());
            PatchStack active = store.stack(checkpoint.digest());
            if (active.isEmpty()) {
                command.remark("no patch is on " + checkpoint.name() + ", says the ledger in " + directory);
            }
            return active.patches().stream().map(store::file);
        }
    }

    /** Where the command looks for patches. */
    private static Path store(Subcommand command) {
        OptionSpec option = command.spec.findOption("--patches");
        return option == null ? Path.of("patches") : option.getValue();
    }

    /** Where the model lies. */
    Path path() {
        return resolve("--model", model);
    }

    /** The model that an option names: a path, or a folder under models/. */
    static Path resolve(String option, String model) {
        Path given = Path.of(model);
        if (Files.exists(given)) {
            return given;
        }
        Path named = Installation.here().model(model);
        if (!given.isAbsolute() && Files.exists(named)) {
            return named;
        }
        if (model.matches(HUB_NAME) && !Files.isDirectory(given.toAbsolutePath().getParent())) {
            throw new BadInput(
                    "no such model here",
                    option + " " + model,
                    "a model that lies on this machine",
                    "a name as on a model hub, and no folder of that name",
                    "fetch it: `patch pull " + model + "`");
        }
        throw new BadInput(
                "no such model",
                option + " " + model,
                "a checkpoint folder, a GGUF file or a name under models/ (" + String.join(", ", names()) + ")",
                "nothing at " + given.toAbsolutePath().normalize(),
                "check the path");
    }

    private static List<String> names() {
        if (!Files.isDirectory(Installation.here().models())) {
            return List.of("there is none yet");
        }
        try (Stream<Path> models = Files.list(Installation.here().models())) {
            return models.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
