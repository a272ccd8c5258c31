package modelpatch.cli;

import modelpatch.patch.ShowDocument;
import modelpatch.patch.WeightPatch;
import modelpatch.report.PatchCard;
import modelpatch.report.PatchView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code patch show}: a patch in words and numbers. */
@Command(
        name = "show",
        header = "Explains a patch: what it changes, why, by whom, and what was proved.",
        footer = "  patch show patches/spread-residual-1cedf2c7d7fd.patch.safetensors")
final class ShowCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    @Parameters(paramLabel = "PATCH", description = "a patch file, or the beginning of an id in --patches")
    String patch;

    @Option(names = "--card", description = "a section for a model card, in Markdown")
    boolean card;

    ShowCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        WeightPatch found = patches.find(patch, terminal);
        ShowDocument document = ShowDocument.of(found);
        return Answer.of(document, () -> card ? PatchCard.of(found) : PatchView.text(found));
    }
}
