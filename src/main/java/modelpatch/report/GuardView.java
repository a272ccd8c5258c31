package modelpatch.report;

import java.util.List;
import modelpatch.Numbers;
import modelpatch.guard.BisectDocument;
import modelpatch.guard.CaseResult;
import modelpatch.guard.InitDocument;
import modelpatch.guard.SetResult;
import modelpatch.guard.SuiteResult;
import modelpatch.guard.UpdateDocument;
import modelpatch.guard.WatchDocument;

/** What regression suites found, for a reader: one table, then what failed. */
public final class GuardView {
    private static final int SHOWN = 10;

    private GuardView() {}

    /** One table over all suites, the failing cases in full up to a few, and the verdict. */
    public static String text(List<SuiteResult> results) {
        Table table = Table.of("suite", "what", "found", "limit", "verdict");
        for (SuiteResult result : results) {
            for (SetResult set : result.sets()) {
                table.row(
                        result.suite(),
                        set.set(),
                        found(set),
                        set.allowed() + " may fail",
                        set.passed() ? "ok" : "BROKEN");
            }
            for (SuiteResult.Check check : result.checks()) {
                table.row(result.suite(), check.name(), check.found(), check.limit(), state(check.state()));
            }
        }
        StringBuilder text = new StringBuilder(table.toString()).append('\n');
        results.forEach(result -> details(text, result));
        boolean passed = results.stream().allMatch(SuiteResult::passed);
        boolean broken = results.stream().anyMatch(result -> !result.broken().isEmpty());
        return text.append(passed ? "\nall hold" : broken ? "\nBROKEN" : "\nUNDECIDED: what was not measured is not ok")
                .toString();
    }

    private static String state(SuiteResult.State state) {
        return switch (state) {
            case HOLDS -> "ok";
            case BROKEN -> "BROKEN";
            case UNDECIDED -> "UNDECIDED";
            case ALLOWED -> "undecided, allowed";
        };
    }

    private static String found(SetResult set) {
        return set.holds() + " of " + set.cases() + " hold"
                + (set.tied() > 0 ? ", " + set.tied() + " tied" : "")
                + (set.fails() > 0 ? ", " + set.fails() + " wrong" : "");
    }

    private static void details(StringBuilder text, SuiteResult result) {
        List<CaseResult> failing = result.failing();
        for (CaseResult one : failing.subList(0, Math.min(SHOWN, failing.size()))) {
            text.append('\n').append(one.set()).append(": ").append(one.id()).append('\n');
            text.append(one.message().indent(2));
        }
        if (failing.size() > SHOWN) {
            text.append("\n... and ").append(failing.size() - SHOWN).append(" more; --json names all\n");
        }
        long changed = result.cases().stream()
                .filter(one -> one.changed() && !one.fails())
                .count();
        String baseline = switch (result.baseline()) {
            case NONE -> "no baseline; `patch guard update --accept` records one";
            case STALE -> "the baseline is of another text of this suite; `patch guard update` shows what differs";
            case COMPARED ->
                !result.passed()
                        ? "compared with the baseline"
                        : changed == 0
                                ? "as the baseline says"
                                : changed
                                        + " answers hold in other words than the baseline's; `patch guard update` shows them";
        };
        text.append(Numbers.format(
                "\n%s: %s on %s in %.1f s, %s MB; %s\n",
                result.suite(),
                result.protocol(),
                result.model()
                        + (result.patches().isEmpty()
                                ? ""
                                : " with " + result.patches().size() + " patches"),
                result.seconds(),
                Numbers.decimal(result.modelBytes() / 1e6, 1),
                baseline));
    }

    /** A suite that was made: what is in it, what is not and why. */
    public static String text(InitDocument document) {
        StringBuilder text = new StringBuilder();
        document.sets().forEach((set, n) -> text.append(Numbers.format("%5d  %s\n", n, set)));
        document.leftOut().forEach((reason, n) -> text.append(Numbers.format("%5d  left out, %s\n", n, reason)));
        if (document.evidence() > 0) {
            text.append(document.reproduced())
                    .append(" of ")
                    .append(document.evidence())
                    .append(" changes that the topmost patch's evidence lists were seen again\n");
        }
        if (!document.result().passed()) {
            text.append("broken from the start: ")
                    .append(String.join(", ", document.result().broken()))
                    .append('\n');
        }
        return text.append("written: ")
                .append(document.suite())
                .append(" and ")
                .append(document.baseline())
                .toString();
    }

    /** Every difference from what was accepted. */
    public static String text(UpdateDocument document) {
        StringBuilder text = new StringBuilder();
        for (UpdateDocument.Update update : document.suites()) {
            text.append(update.suite()).append(": ");
            if (!update.recorded()) {
                text.append("no baseline yet\n");
            } else if (update.differences().isEmpty()) {
                text.append("nothing differs from ").append(update.baseline()).append('\n');
            } else {
                text.append(update.differences().size()).append(" differences\n");
                update.differences()
                        .forEach(line -> text.append("  ").append(line).append('\n'));
            }
            if (update.broken()) {
                text.append("  the suite is broken as it is; see `patch guard run`\n");
            }
        }
        if (!document.differs()) {
            return text.append("nothing to write").toString();
        }
        return text.append(
                        document.accepted()
                                ? "written: "
                                        + String.join(
                                                ", ",
                                                document.suites().stream()
                                                        .map(UpdateDocument.Update::baseline)
                                                        .toList())
                                : "nothing was written; --accept makes this the baseline")
                .toString();
    }

    /** Which patches break which cases. */
    public static String text(BisectDocument document) {
        if (document.cases().isEmpty()) {
            return "no case of the suite fails on this stack";
        }
        Table table = Table.of("case", "verdict", "patches to blame", "how", "stacks run>");
        for (BisectDocument.Bisected one : document.cases()) {
            String culprits = String.join(
                    " or ",
                    one.culprits().stream()
                            .map(ids -> String.join(
                                    " with ",
                                    ids.stream().map(id -> id.substring(0, 12)).toList()))
                            .toList());
            table.row(
                    one.set() + ": " + one.id(),
                    one.verdict(),
                    culprits,
                    one.monotone() ? "halves, checked" : "all sets",
                    one.runs());
        }
        return table + "\n\npatch revert takes a patch off; patch guard run shows what then holds";
    }

    /** The latest run of every model and suite. */
    public static String text(WatchDocument document) {
        Table table = Table.of("model", "suite", "verdict", "holds>", "tied>", "fails>", "KL>", "seconds>", "time");
        document.latest()
                .forEach(one -> table.row(
                        one.model(),
                        one.suite(),
                        one.verdict(),
                        one.holds() + " of " + one.cases(),
                        one.tied(),
                        one.fails(),
                        one.klMean().isPresent() ? Numbers.size(one.klMean().getAsDouble()) : "",
                        Numbers.decimal(one.seconds(), 1),
                        one.time()));
        StringBuilder repairs = new StringBuilder();
        document.latest().forEach(one -> {
            named(repairs, one.model() + ", repairs that survived", one.repaired());
            named(repairs, one.model() + ", repairs that were lost", one.lost());
        });
        return table + "\n" + repairs + "\n" + document.added() + " runs added; written: " + document.history();
    }

    private static void named(StringBuilder text, String what, List<String> names) {
        if (!names.isEmpty()) {
            text.append(text.isEmpty() ? "\n" : "").append(what).append(":\n");
            names.forEach(name -> text.append("  ").append(name).append('\n'));
        }
    }
}
