package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.Installation;
import modelpatch.guard.Gates;
import modelpatch.repair.RepairOptions;
import picocli.CommandLine.Option;

/** The limits that a patch must keep, and how much is asked to see whether it does. */
final class GatesOption {
    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "limits on repair, harm, drift and size (default: configs/gates.yaml)")
    Path file;

    @Option(
            names = "--evidence",
            paramLabel = "N",
            description =
                    "where the tables cannot decide a gate, ask at most N more questions for it: other wordings, other neighbours"
                            + " (default: " + RepairOptions.EVIDENCE + "; none with --each)")
    Integer evidence;

    /** @param study whether many patches are judged and none is written */
    int evidence(boolean study) {
        return evidence != null ? evidence : study ? 0 : RepairOptions.EVIDENCE;
    }

    Gates read() {
        return read(file);
    }

    /** @param given null for those of this project */
    static Gates read(Path given) {
        return Gates.read(given == null ? Installation.here().gates() : given);
    }
}
