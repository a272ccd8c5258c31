package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStore;
import modelpatch.patch.WeightPatch;
import picocli.CommandLine.Option;

/** Where patch files and their ledger lie. */
final class PatchOptions {
    @Option(
            names = "--patches",
            paramLabel = "DIR",
            defaultValue = "patches",
            description = "where patch files and the ledger lie")
    Path directory;

    PatchStore store(Terminal terminal) {
        return PatchStore.at(directory, terminal.clock(), System.getProperty("user.name", ""));
    }

    /** The patch in a file, or the one of the store whose id begins like this. */
    WeightPatch find(String fileOrId, Terminal terminal) {
        Path file = Path.of(fileOrId);
        return Files.exists(file) ? PatchFile.read(file) : store(terminal).find(fileOrId);
    }
}
