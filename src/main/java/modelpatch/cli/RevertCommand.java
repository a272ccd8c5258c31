package modelpatch.cli;

import modelpatch.Visible;
import modelpatch.patch.PatchStack;
import modelpatch.patch.PatchStore;
import modelpatch.patch.RevertDocument;
import modelpatch.patch.WeightPatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch revert}: takes a patch off. */
@Command(
        name = "revert",
        header = "Takes a patch off; the others stay as they are, to the byte.",
        description =
                "Writes the line to the ledger; the patch file stays. A model with the patches that are left has exactly the bytes"
                        + " that it would have had without this one.",
        footer = "  patch revert 1cedf2c7d7fd --reason \"superseded\"")
final class RevertCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    @Parameters(paramLabel = "ID", description = "the id of a patch that is on, or its beginning")
    String id;

    @Option(names = "--author", paramLabel = "NAME", description = "who takes it off (default: the user's name)")
    String author = System.getProperty("user.name", "");

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, in words", defaultValue = "no reason given")
    String reason;

    RevertCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        PatchStore store = patches.store(terminal);
        WeightPatch patch = store.find(id);
        WeightPatch off = store.revert(patch.id(), patch.baseDigest(), author, reason);
        PatchStack left = store.stack(off.baseDigest());
        RevertDocument document = RevertDocument.of(off, left);
        return Answer.of(document, () -> text(store, off, left))
                .next(Hint.after(spec, "log").with("--verify"));
    }

    private static String text(PatchStore store, WeightPatch off, PatchStack left) {
        StringBuilder text = new StringBuilder(off + " is off; its file stays: " + store.file(off));
        text.append("\nstill on for ")
                .append(Visible.line(off.baseName()))
                .append(": ")
                .append(left.patches().size());
        left.stale()
                .forEach(patch -> text.append("\nstale: ")
                        .append(patch)
                        .append(" was made on what is no longer below it; evaluate it again: patch eval --patch ")
                        .append(store.file(patch)));
        return text.append("\nwritten: ").append(store.ledger().file()).toString();
    }
}
