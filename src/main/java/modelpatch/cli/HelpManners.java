package modelpatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The manners of every help text: its order, its headings, the exit codes at its end. */
@Command(
        showDefaultValues = true,
        sortOptions = false,
        usageHelpAutoWidth = false,
        usageHelpWidth = 110,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExample:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:done, and the verdict is no (a gate or guard failed, a patch was refused by its gates)",
            "2:bad input or usage; one message says what, where and what to do",
            "3:our fault",
            "130:interrupted; what was kept is named in the last line"
        })
final class HelpManners {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and exit",
            showDefaultValue = Visibility.NEVER)
    boolean help;
}
