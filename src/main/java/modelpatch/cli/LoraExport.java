package modelpatch.cli;

import java.util.List;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.LoraAdapter;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/** {@code patch export --format lora}: the patches alone, as an adapter that lies beside the unchanged base. */
record LoraExport(ExportCommand command) {
    /** What {@code --json} prints. */
    record LoraDocument(String out, String format, int rank, List<String> patches) {}

    Answer answer() {
        PatchStack stack = command.model.stack(command);
        try (Checkpoint base = Checkpoint.open(command.model.path())) {
            int rank = LoraAdapter.write(base, stack, command.out);
            LoraDocument document = new LoraDocument(
                    command.out.toString(),
                    "lora",
                    rank,
                    stack.patches().stream().map(WeightPatch::id).toList());
            return Answer.of(
                    document,
                    () -> "an adapter of rank " + rank + " for " + base.name() + "\nwritten: " + command.out
                            + "; next: load it with PEFT, vLLM or llama.cpp's converter");
        }
    }
}
