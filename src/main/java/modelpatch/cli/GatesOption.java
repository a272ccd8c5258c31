package modelpatch.cli;

import java.nio.file.Path;
import modelpatch.Installation;
import modelpatch.guard.Gates;
import picocli.CommandLine.Option;

/** The limits that a patch must keep. */
final class GatesOption {
    @Option(
            names = "--gates",
            paramLabel = "FILE",
            description = "limits on harm and drift (default: configs/gates.yaml)")
    Path file;

    Gates read() {
        return read(file);
    }

    /** @param given null for those of this project */
    static Gates read(Path given) {
        return Gates.read(given == null ? Installation.here().gates() : given);
    }
}
