package modelpatch.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.Visible;
import modelpatch.evaluate.Onlooker;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import modelpatch.report.Fitted;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** One command: it computes an {@link Answer}, and here the answer is printed in the form that was asked for. */
abstract class Subcommand implements Callable<Integer>, Onlooker {
    /** What a report need not name: it says nothing about the result. */
    private static final Set<String> MANNERS = Set.of(
            "--help",
            "--json",
            "--config",
            "--verbose",
            "--quiet",
            "--output",
            "--against",
            "--resume",
            "--cluster",
            "--cluster-conf");

    /** Options that no file which travels tells. */
    private static final Set<String> PRIVATE = Set.of("author", "patches", "report");

    @Mixin
    CommonOptions common;

    @Spec
    CommandSpec spec;

    final Terminal terminal;

    private PatchStack stack = PatchStack.empty();

    Subcommand(Terminal terminal) {
        this.terminal = terminal;
    }

    abstract Answer answer() throws IOException;

    @Override
    public final Integer call() throws IOException {
        common.device.use();
        Answer answer = answer();
        if (common.json) {
            Document.print(stack.isEmpty() ? answer.document() : OnStack.of(answer.document(), stack), terminal.out());
        } else {
            String text = stackLine() + answer.forReader();
            terminal.out().println(Visible.text(terminal.fitted() ? Fitted.text(text, terminal.width()) : text));
        }
        if (terminal.out().checkError()) {
            throw BadInput.of(
                    "stdout", "the result could not be written; the disk may be full, or the reader has gone");
        }
        return answer.exitCode();
    }

    /** Notes which patches the command's model has; what it prints says it too. */
    final void runs(PatchStack patches) {
        stack = patches;
    }

    /**
     * A document about a model with patches on it.
     *
     * @param stack their ids, lowest first
     */
    record OnStack(@JsonUnwrapped Object document, List<String> stack) {
        static OnStack of(Object document, PatchStack stack) {
            return new OnStack(
                    document, stack.patches().stream().map(WeightPatch::id).toList());
        }
    }

    private String stackLine() {
        return stack.isEmpty()
                ? ""
                : "with " + stack.patches().stream().map(WeightPatch::toString).collect(Collectors.joining(", "))
                        + "\n";
    }

    /** Says something on stderr that is no result, unless {@code -q} asks for silence. */
    @Override
    public final void remark(String text) {
        if (!common.quiet) {
            terminal.err().println(text);
        }
    }

    /** A remark for those who asked for more by {@code -v}. */
    @Override
    public final void detail(String text) {
        if (common.verbose) {
            remark(text);
        }
    }

    @Override
    public final ProgressLine begin(String task) {
        return new ProgressLine(terminal, task, common.quiet);
    }

    @Override
    public final void check() {
        terminal.interruption().check();
    }

    /** Every option with its value, defaults included, for the report. */
    final Map<String, Object> resolvedOptions() {
        Map<String, Object> resolved = new TreeMap<>();
        for (OptionSpec option : spec.options()) {
            if (!MANNERS.contains(option.longestName())) {
                Object value = option.getValue();
                resolved.put(option.longestName().substring(2), value == null ? null : plain(value));
            }
        }
        return resolved;
    }

    /** The same as a file that travels tells it: of what was typed as a path the last name, and nothing of who typed it or where it writes. */
    final Map<String, Object> recordedOptions() {
        Map<String, Object> recorded = resolvedOptions();
        recorded.keySet().removeAll(PRIVATE);
        for (OptionSpec option : spec.options()) {
            String name = option.longestName().substring(2);
            if (recorded.get(name) instanceof String typed
                    && (name.equals("model") || option.getValue() instanceof Path)) {
                recorded.put(name, lastName(typed));
            } else if (recorded.get(name) instanceof List<?> typed && option.auxiliaryTypes()[0] == Path.class) {
                recorded.put(
                        name,
                        typed.stream().map(one -> lastName(one.toString())).toList());
            }
        }
        return recorded;
    }

    private static String lastName(String typed) {
        Path name = Path.of(typed).getFileName();
        return name == null ? typed : name.toString();
    }

    private static Object plain(Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            return value;
        }
        if (value instanceof Collection<?> values) {
            return values.stream().map(String::valueOf).toList();
        }
        return value instanceof Enum<?> choice ? choice.name().toLowerCase(Locale.ROOT) : value.toString();
    }
}
