package modelpatch.cli;

import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;

/** Help in parts: commands by what they are for, options by what they say, fitted to the terminal. */
final class GroupedHelp {
    private static final int NARROWEST = 70;
    private static final int WIDEST = 130;

    private static final Map<String, List<String>> COMMANDS = new LinkedHashMap<>();
    private static final Map<Class<?>, String> OPTIONS = new LinkedHashMap<>();

    static {
        COMMANDS.put("Ask and find", List.of("find", "eval", "show", "map", "cases"));
        COMMANDS.put("Repair", List.of("apply", "compare", "adapt", "guide", "revert"));
        COMMANDS.put("Keep and guard", List.of("status", "log", "sign", "verify", "guard"));
        COMMANDS.put("Take elsewhere", List.of("export", "import", "run"));
        COMMANDS.put("Look inside", List.of("lens", "rank", "logits"));
        OPTIONS.put(ModelOptions.class, "Which model");
        OPTIONS.put(CaseOptions.class, "Which questions");
        OPTIONS.put(ProtocolOptions.class, "How they are asked");
        OPTIONS.put(FindingsOptions.class, "What was found");
        OPTIONS.put(ApplyOptions.class, "How an edit is made");
        OPTIONS.put(GatesOption.class, "What it must keep");
        OPTIONS.put(PatchOptions.class, "Where patches lie");
        OPTIONS.put(ThinkingOptions.class, "Fast and slow answers");
        OPTIONS.put(CkaOptions.class, "Fast and slow layers");
        OPTIONS.put(ReportOption.class, "To look at");
        OPTIONS.put(CommonOptions.class, "What every command has");
        OPTIONS.put(HelpManners.class, "What every command has");
    }

    private GroupedHelp() {}

    /** Sets the help of a command and of all below it. */
    static void set(CommandLine command, int width) {
        command.setUsageHelpWidth(Math.max(NARROWEST, Math.min(WIDEST, width)));
        Map<String, CommandLine.IHelpSectionRenderer> sections = command.getHelpSectionMap();
        sections.put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING, help -> "");
        sections.put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::options);
        if (command.getParent() == null) {
            sections.put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
            sections.put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST, GroupedHelp::commands);
        }
        command.getSubcommands().values().forEach(sub -> set(sub, width));
    }

    /** The command's own options first, then those that it shares with others. */
    private static String options(Help help) {
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        groups.put("Options", new ArrayList<>());
        OPTIONS.values().forEach(heading -> groups.put(heading, new ArrayList<>()));
        for (OptionSpec option : help.commandSpec().options()) {
            if (option.group() == null) {
                Class<?> owner = option.userObject() instanceof Member member ? member.getDeclaringClass() : null;
                groups.get(OPTIONS.getOrDefault(owner, "Options")).add(option);
            }
        }
        StringBuilder text = new StringBuilder();
        groups.forEach((heading, options) -> {
            if (!options.isEmpty()) {
                text.append(heading(help, heading)).append(help.optionListExcludingGroups(options));
            }
        });
        return text + help.optionListGroupSections();
    }

    private static String commands(Help help) {
        Map<String, Help> left = new LinkedHashMap<>(help.subcommands());
        StringBuilder text = new StringBuilder();
        COMMANDS.forEach((heading, names) -> {
            Map<String, Help> group = new LinkedHashMap<>();
            names.stream().filter(left::containsKey).forEach(name -> group.put(name, left.remove(name)));
            text.append(heading(help, heading)).append(help.commandList(group));
        });
        return text.append(heading(help, "And")).append(help.commandList(left)).toString();
    }

    private static String heading(Help help, String heading) {
        return help.createHeading("%n" + heading + ":%n");
    }
}
