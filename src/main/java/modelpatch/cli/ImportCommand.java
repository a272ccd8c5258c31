package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.LoraReader;
import modelpatch.patch.ImportDocument;
import modelpatch.patch.PatchStore;
import modelpatch.patch.WeightPatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch import}: a LoRA adapter as a patch. */
@Command(
        name = "import",
        header = "Makes a patch of a LoRA adapter.",
        description =
                "The adapter's directory is one of PEFT: adapter_config.json and adapter_model.safetensors. What is more than low-rank"
                        + " changes of linear layers is refused. No gate has judged the patch: evaluate it before you rely on it.",
        footer = "  patch import --model m --lora adapter --reason \"tone of the help desk\"")
final class ImportCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    PatchOptions patches;

    @Option(names = "--lora", paramLabel = "DIR", required = true, description = "the adapter's directory")
    Path lora;

    @Option(
            names = "--author",
            paramLabel = "NAME",
            description = "who brings it in, as the patch file will tell it (default: nobody)")
    String author = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, in words", defaultValue = "no reason given")
    String reason;

    ImportCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        try (Checkpoint base = Checkpoint.open(model.path())) {
            WeightPatch patch =
                    LoraReader.read(lora, base, author, reason, terminal.clock().instant());
            PatchStore store = patches.store(terminal);
            Path file = store.apply(patch);
            ImportDocument document = ImportDocument.of(patch, file);
            return Answer.of(
                            document,
                            () -> patch + ": " + patch.tensors().size() + " tensors, " + patch.parameters()
                                    + " numbers\nwritten: " + file + "; patch eval and patch guard say what it does")
                    .next(Hint.of("show").on(file));
        }
    }
}
