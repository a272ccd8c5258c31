package modelpatch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import modelpatch.edit.EditPlan;

/** Names a search: the same name is the same search. */
final class SearchKey {
    private SearchKey() {}

    /** @param together how many cases would be edited by one patch; 0 where each has its own */
    static String of(ApplySetup setup, ApplyOptions options, Path findings, List<EditPlan> plans, int together) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(Files.readAllBytes(findings));
            String rest = String.join(
                    "\n",
                    Version.modelpatch(),
                    setup.modelDigest(),
                    plans.toString(),
                    setup.patcher().judge().gates().toString(),
                    options.perSet + " " + options.searchCases + " " + options.finalists + " " + together);
            sha.update(rest.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
