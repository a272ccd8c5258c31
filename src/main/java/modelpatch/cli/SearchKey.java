package modelpatch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.checkpoint.Sha256;
import modelpatch.edit.EditPlan;

/** Names a search: the same name is the same search. */
final class SearchKey {
    private SearchKey() {}

    /** @param together how many cases would be edited by one patch; 0 where each has its own */
    static String of(ApplySetup setup, ApplyOptions options, Path findings, List<EditPlan> plans, int together) {
        String rest = String.join(
                "\n",
                Version.modelpatch(),
                setup.modelDigest(),
                plans.toString(),
                setup.patcher().judge().gates().toString(),
                options.perSet + " " + options.searchCases + " " + options.finalists + " " + together);
        try {
            return new Sha256()
                    .add(Files.readAllBytes(findings))
                    .add(rest)
                    .hex()
                    .substring(0, 32);
        } catch (IOException e) {
            throw BadInput.reading(findings, e);
        }
    }
}
