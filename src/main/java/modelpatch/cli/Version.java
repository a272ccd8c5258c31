package modelpatch.cli;

import modelpatch.Versions;
import picocli.CommandLine.IVersionProvider;

/** What this build is. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "modelpatch " + Versions.modelpatch(), Versions.engine(), Versions.java(), Versions.system()
        };
    }
}
